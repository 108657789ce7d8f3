"""Listens as a socket unit of systemd does: `socket-unit.py PORT COMMAND…` starts the command with the socket, and again
after a SIGHUP, as `systemctl restart` does. SIGTERM ends both."""

import os
import signal
import socket
import sys

port, command = int(sys.argv[1]), sys.argv[2:]
listening = socket.socket()
listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listening.bind(("127.0.0.1", port))
listening.listen(4096)
os.dup2(listening.fileno(), 3)
again = False


def start():
    child = os.fork()
    if child == 0:
        os.set_inheritable(3, True)
        os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
        os.execvp(command[0], command)
    return child


def told(number, _frame):
    global again
    again = number == signal.SIGHUP
    os.kill(child, signal.SIGTERM)


child = start()
for number in (signal.SIGHUP, signal.SIGTERM):
    signal.signal(number, told)
while True:
    _, status = os.waitpid(child, 0)
    if not again:
        sys.exit(os.waitstatus_to_exitcode(status))
    again = False
    child = start()
