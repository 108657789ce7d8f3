/** Issues under a title; nothing without issues. */
import type { Issue } from "cuecard";

export function IssueList(props: { readonly title: string; readonly issues: readonly Issue[] | undefined }) {
  if (!props.issues?.length) return null;
  return (
    <section class="banner" aria-label={props.title}>
      <b>{props.title}</b>
      <ul>
        {props.issues.map(({ pointer, message }, at) => (
          <li key={at}>
            <code>{pointer}</code> {message}
          </li>
        ))}
      </ul>
    </section>
  );
}
