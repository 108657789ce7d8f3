// A runtime's own fetch in a program that blocks for longer than a server keeps idle connections: idle_fetch.mjs URL KEY SLUG.
const [url, key, slug] = process.argv.slice(2);
const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };

async function ask(path, init) {
  const answer = await fetch(url + path, { headers, ...init });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
}

const inputs = JSON.stringify({ inputs: { name: "Ada" } });
const requests = {
  read: () => ask(`/v1/prompts/${slug}`),
  render: () => ask(`/v1/prompts/${slug}/render`, { method: "POST", body: inputs }),
};

for (const [name, send] of Object.entries(requests)) {
  let [ok, error] = [true, ""];
  try {
    await send();
    // No timer runs meanwhile, and nothing that happens to the connection is seen.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_500);
    await send();
  } catch (thrown) {
    [ok, error] = [false, `${thrown} ${thrown.cause?.code ?? ""}`];
  }
  console.log(JSON.stringify({ operation: `fetch: a ${name}, 5.5 s of other work, a ${name}`, ok, error }));
}
