/** The frame of the page is in its HTML: it is painted first, and the studio is read after it. A page that nobody sees
 * is not painted, and does not wait. */
const load = (): void => void import("./main.tsx");
if (document.hidden) load();
else requestAnimationFrame(() => setTimeout(load));
