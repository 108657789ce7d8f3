/** Sends twice, with other work between that takes longer than a server keeps idle connections; prints whether that
 * went well. */
export async function blocked(operation, send) {
  let [ok, error] = [true, ""];
  try {
    await send();
    // No timer runs meanwhile, and nothing that happens to the connection is seen.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_500);
    await send();
  } catch (thrown) {
    [ok, error] = [false, `${thrown} ${thrown.cause?.code ?? ""}`];
  }
  console.log(JSON.stringify({ operation, ok, error }));
}
