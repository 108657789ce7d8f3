/** A file's text. */
declare module "*?text" {
  const text: string;
  export default text;
}
