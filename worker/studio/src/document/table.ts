/**
 * A copied range of a spreadsheet: cells between tabs, rows between line ends, quotes around cells that hold either.
 * Quotes that do not end with their cell are the text's own: a spreadsheet leaves those of other cells as they are.
 */
export function parseTable(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length || row.length > 0; ) {
    const [, quoted, plain = ""] = matchAt(CELL, text, at) ?? [];
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    at += quoted === undefined ? plain.length : quoted.length + 2;
    const end = matchAt(LINE_END, text, at)?.[0];
    if (end === undefined && at < text.length) {
      at++;
      continue;
    }
    rows.push(row);
    row = [];
    at += end?.length ?? 0;
  }
  return rows;
}

const CELL = /"([^"]*(?:""[^"]*)*)"(?=[\t\r\n]|$)|([^\t\r\n]*)/y;
const LINE_END = /\r\n|\r|\n/y;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
