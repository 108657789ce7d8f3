// Two isolates of one location, which share nothing but the Cache API: a test says which one is to answer.
export default {
  fetch: (request, { FIRST, SECOND }) => (request.headers.has("second-isolate") ? SECOND : FIRST).fetch(request),
};
