/** A file as the text that it is. */
declare module "*?text" {
  const text: string;
  export default text;
}
