/** Calls `send` twice and blocks between the calls for longer than a server keeps idle connections. Prints whether
 * both calls succeeded. */
export async function blocked(operation, send) {
  let [ok, error] = [true, ""];
  try {
    await send();
    // Blocks the event loop: timers do not fire, and a closed connection goes unnoticed.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_500);
    await send();
  } catch (thrown) {
    [ok, error] = [false, `${thrown} ${thrown.cause?.code ?? ""}`];
  }
  console.log(JSON.stringify({ operation, ok, error }));
}
