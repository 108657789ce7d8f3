/** Shows differences: texts by word, fields before and after. */
import type { DocumentDiff, MessageDiff, DiffPiece } from "../document/diff.ts";
import { texts } from "../texts.ts";
import { pretty } from "./parts.tsx";

export function DiffView({ diff }: { readonly diff: DocumentDiff }) {
  if (diff.isSame) return <p class="hint">{texts.diff.same}</p>;
  return (
    <div class="diff">
      <MessageDiffs messages={diff.messages} />
      {diff.fields.length > 0 && (
        <div class="table-box" tabIndex={0} role="region" aria-label={texts.diff.fields}>
          <table>
            <thead>
              <tr>
                <th scope="col">{texts.diff.field}</th>
                <th scope="col">{texts.diff.before}</th>
                <th scope="col">{texts.diff.after}</th>
              </tr>
            </thead>
            <tbody>
              {diff.fields.map(({ field, before, after }) => (
                <tr key={field}>
                  <th scope="row">{field}</th>
                  <td>{before === undefined ? <span class="soft">–</span> : <del>{pretty(before)}</del>}</td>
                  <td>{after === undefined ? <span class="soft">–</span> : <ins>{pretty(after)}</ins>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

export function MessageDiffs({ messages }: { readonly messages: readonly MessageDiff[] }) {
  return (
    <>
      {messages.map((message, at) => (
        <article key={at} class={`message ${message.kind}`}>
          <header>
            <span class="role">
              {message.roleBefore && (
                <>
                  <del>{message.roleBefore}</del>{" "}
                </>
              )}
              {message.role}
            </span>
            {message.kind !== "same" && <span class={`chip ${message.kind}`}>{texts.diff[message.kind]}</span>}
          </header>
          {message.kind === "same" ? (
            <details>
              <summary>{texts.diff.unchanged}</summary>
              <Pieces pieces={message.pieces} />
            </details>
          ) : (
            <Pieces pieces={message.pieces} />
          )}
        </article>
      ))}
    </>
  );
}

export function Pieces({ pieces }: { readonly pieces: readonly DiffPiece[] }) {
  return (
    <pre class="text">
      {pieces.map(({ kind, text }, at) =>
        kind === "same" ? text : kind === "added" ? <ins key={at}>{text}</ins> : <del key={at}>{text}</del>,
      )}
    </pre>
  );
}
