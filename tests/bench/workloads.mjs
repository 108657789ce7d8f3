// The workloads: a document, its inputs, the same prompt by hand, and its templates for engines other than Jinja.
const people = ["Ada", "Grace", "Edsger", "Barbara", "Donald"];

const s = {
  document: {
    messages: [
      {
        role: "system",
        content:
          "You are a support agent of {{ company }}. Answer in the language of the customer, briefly and kindly, and never promise what you cannot keep. If you do not know something, say so and offer to ask.",
      },
      { role: "user", content: "My name is {{ name }}.\n\n{{ question }}\n\nPlease answer within three sentences." },
    ],
    inputs: ["company", "name", "question"].map((name) => ({ name, type: "str" })),
  },
  inputs: {
    company: "Analytical Engines",
    name: "Ada",
    question: "Where is my order? It should have been here on Monday.",
  },
  literal: ({ company, name, question }) => [
    `You are a support agent of ${company}. Answer in the language of the customer, briefly and kindly, and never promise what you cannot keep. If you do not know something, say so and offer to ask.`,
    `My name is ${name}.\n\n${question}\n\nPlease answer within three sentences.`,
  ],
};

const item =
  "{{ loop.index }}. {{ item.title | upper }} by {{ item.author }}{% if item.score > 5 %} (recommended){% else %} (so so){% endif %}: {{ item.summary }}{% if item.tags %} [{{ item.tags | join(', ') }}]{% endif %}\n";
const m = {
  document: {
    messages: [
      {
        role: "user",
        content: `Summarise these for {{ reader }}:\n{% for item in items %}${item}{% endfor %}Thank you.`,
      },
    ],
    inputs: [
      { name: "reader", type: "str" },
      { name: "items", type: "list" },
    ],
  },
  inputs: {
    reader: "Ada",
    items: Array.from({ length: 20 }, (_, i) => ({
      title: `Report number ${i}`,
      author: people[i % 5],
      score: (i * 7) % 11,
      tags: i % 3 ? [`t${i}`, "all", "new"] : [],
      summary: "It says that things went as well as they could, and that next year they may go better than that.",
    })),
  },
  literal: ({ reader, items }) => [
    `Summarise these for ${reader}:\n${items.map(({ title, author, score, summary, tags }, i) => `${i + 1}. ${title.toUpperCase()} by ${author}${score > 5 ? " (recommended)" : " (so so)"}: ${summary}${tags.length ? ` [${tags.join(", ")}]` : ""}\n`).join("")}Thank you.`,
  ],
};

const row = "Q: {{ row.question }}\nContext: {{ row.context }}\nLabel: {{ row.label }} ({{ row.id }})\n\n";
const l = {
  document: {
    messages: [{ role: "user", content: `{% for row in rows %}${row}{% endfor %}Q: {{ question }}\nLabel:` }],
    inputs: [
      { name: "rows", type: "list" },
      { name: "question", type: "str" },
    ],
  },
  inputs: {
    question: "And this one?",
    rows: Array.from({ length: 100 }, (_, i) => ({
      id: `row-${i}`,
      label: i % 2 ? "billing" : "account",
      question: `How do I change my plan from number ${i} to the next one?`,
      context: "The customer has been with us for years and has written before about something like this. ".repeat(3),
    })),
  },
  literal: ({ rows, question }) => [
    `${rows.map((r) => `Q: ${r.question}\nContext: ${r.context}\nLabel: ${r.label} (${r.id})\n\n`).join("")}Q: ${question}\nLabel:`,
  ],
};

const long = (text) => ({
  document: {
    messages: [
      { role: "system", content: "Summarise the document." },
      { role: "user", content: "<document>\n{{ text }}\n</document>" },
    ],
    inputs: [{ name: "text", type: "str" }],
  },
  inputs: { text },
  literal: ({ text }) => ["Summarise the document.", `<document>\n${text}\n</document>`],
});

// The document declares no inputs, or it would have to declare all 1,000: the engine infers those that the templates
// read, and accepts the rest.
const wide = {
  document: {
    messages: [{ role: "user", content: "{{ name }} of {{ city }} asks about {{ topic }}." }],
    template: { undefined: "lenient" },
  },
  inputs: {
    ...Object.fromEntries(Array.from({ length: 997 }, (_, i) => [`field_${i}`, i % 2 ? i : `value ${i}`])),
    name: "Ada",
    city: "London",
    topic: "engines",
  },
  literal: ({ name, city, topic }) => [`${name} of ${city} asks about ${topic}.`],
};

const texts = ({ document }) => document.messages.map(({ content }) => content);
const mustache = (list) => list.map((text) => text.replaceAll(/{{ ?([\w.]+) ?}}/g, "{{{$1}}}"));
const loops = (list) =>
  list.map((text) =>
    text.replaceAll(/{% for (\w+) in (\w+) %}/g, "{{#each $2 as |$1|}}").replaceAll("{% endfor %}", "{{/each}}"),
  );

export const workloads = {
  S: { ...s, mustache: mustache(texts(s)), handlebars: texts(s), liquid: texts(s) },
  M: {
    ...m,
    liquid: texts(m).map((text) =>
      text
        .replaceAll("loop.index", "forloop.index")
        .replaceAll("| upper", "| upcase")
        .replaceAll("join(', ')", 'join: ", "')
        .replaceAll("if item.tags", "if item.tags.size > 0"),
    ),
  },
  L: { ...l, liquid: texts(l), handlebars: loops(texts(l)) },
  XL: (({ ...one }) => ({ ...one, mustache: mustache(texts(one)), handlebars: texts(one), liquid: texts(one) }))(
    long("Lorem ipsum dolor sit amet, consectetur. ".repeat(5_000)),
  ),
  XLu: (({ ...one }) => ({ ...one, mustache: mustache(texts(one)), handlebars: texts(one), liquid: texts(one) }))(
    long("Zażółć gęślą jaźń 😀, naïve façade — “ok”. ".repeat(4_900)),
  ),
  wide: { ...wide, mustache: mustache(texts(wide)), handlebars: texts(wide), liquid: texts(wide) },
};
