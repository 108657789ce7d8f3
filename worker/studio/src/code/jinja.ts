/** The names of Jinja2, with their signatures. */
import type { Completion } from "@codemirror/autocomplete";

const list = (type: string, names: string): Completion[] =>
  names
    .trim()
    .split(/\s*\n\s*/)
    .map((line) => {
      const [label = "", detail] = line.split(/(?=\()/, 2);
      return { label, type, ...(detail && { detail }) };
    });

export const FILTERS = list(
  "function",
  `abs
  attr(name)
  batch(size, fill_with)
  capitalize
  center(width)
  count
  default(value, boolean)
  dictsort(case_sensitive, by, reverse)
  escape
  filesizeformat(binary)
  first
  float(default)
  forceescape
  format(*args)
  groupby(attribute)
  indent(width, first, blank)
  int(default, base)
  items
  join(separator, attribute)
  last
  length
  list
  lower
  map(filter or attribute)
  max
  min
  pprint
  random
  reject(test)
  rejectattr(attribute, test)
  replace(old, new, count)
  reverse
  round(precision, method)
  safe
  select(test)
  selectattr(attribute, test)
  slice(slices, fill_with)
  sort(reverse, case_sensitive, attribute)
  string
  striptags
  sum(attribute, start)
  title
  tojson(indent)
  trim(chars)
  truncate(length, killwords, end)
  unique
  upper
  urlencode
  urlize
  wordcount
  wordwrap(width)
  xmlattr`,
);

export const TESTS = list(
  "keyword",
  `boolean
  callable
  defined
  divisibleby(number)
  eq(other)
  escaped
  even
  false
  filter
  float
  ge(other)
  gt(other)
  in(sequence)
  integer
  iterable
  le(other)
  lower
  lt(other)
  mapping
  ne(other)
  none
  number
  odd
  sameas(other)
  sequence
  string
  test
  true
  undefined
  upper`,
);

export const TAGS = list(
  "keyword",
  `break
  call
  continue
  do
  elif
  else
  endcall
  endfilter
  endfor
  endif
  endmacro
  endraw
  endset
  endwith
  filter
  for
  if
  macro
  raw
  set
  with`,
);

export const GLOBALS = list(
  "variable",
  `range(start, stop, step)
  dict(**items)
  lipsum
  cycler(*items)
  joiner(separator)
  namespace(**items)
  loop
  true
  false
  none`,
);

export const LOOP = list(
  "property",
  `cycle(*items)
  depth
  first
  index
  index0
  last
  length
  nextitem
  previtem
  revindex
  revindex0`,
);

/** Methods of texts, lists and dicts that templates call. */
export const METHODS = list(
  "method",
  `capitalize()
  count(part)
  endswith(suffix)
  find(part)
  format(*args)
  get(key, default)
  index(item)
  items()
  join(list)
  keys()
  lower()
  lstrip()
  replace(old, new)
  rstrip()
  split(separator)
  splitlines()
  startswith(prefix)
  strip()
  title()
  upper()
  values()`,
);
