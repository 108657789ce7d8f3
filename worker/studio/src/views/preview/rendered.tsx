/** The rendered messages as plain text: nothing in them is interpreted. */
import type { Rendered } from "cuecard";
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

import { partsOf, tokens } from "../../document/content.ts";
import * as engine from "../../engine/engine.ts";
import type { Origins, Stretch } from "../../engine/protocol.ts";
import { Button, Empty } from "../../parts/parts.tsx";
import { engineProblem, evaluation, isBehind, lastRendered, values } from "../../state/inputs.ts";
import { shown } from "../../state/prompt.ts";
import { route } from "../../route.ts";
import { texts } from "../../texts.ts";

const areOriginsShown = signal(false);

export function RenderedView() {
  const now = evaluation.value;
  const last = lastRendered.value?.slug === route.value.slug ? lastRendered.value.evaluation.rendered : undefined;
  const rendered = now?.rendered ?? last;
  const origins = useOrigins(now?.rendered !== undefined);
  const isOld = now !== undefined && now.rendered === undefined;
  if (engineProblem.value)
    return <Empty title={texts.preview.engineFailed}>{<p class="problem">{engineProblem.value}</p>}</Empty>;
  if (!rendered)
    return now?.error || now?.refused ? (
      <Empty title={texts.preview.nothing}>
        <p class="problem">{(now.error ?? now.refused)?.message}</p>
      </Empty>
    ) : (
      <div class="empty" aria-busy="true" />
    );
  return (
    <div
      class={`rendered ${isOld ? "old" : ""} ${isBehind.value ? "behind" : ""}`}
      data-state={isOld ? "old" : isBehind.value ? "behind" : "current"}
    >
      <div class="bar">
        <span class="soft" title={texts.preview.estimate}>
          {sizes(rendered)}
        </span>
        {isOld && <span class="chip bad">{texts.preview.old}</span>}
        <span class="grow" />
        <Button
          kind="ghost"
          aria-pressed={areOriginsShown.value}
          onClick={() => (areOriginsShown.value = !areOriginsShown.value)}
        >
          {texts.preview.origins}
        </Button>
      </div>
      {isOld && now?.refused && now.refused.code !== "input_invalid" && <p class="problem">{now.refused.message}</p>}
      {areOriginsShown.value && origins && <Legend origins={origins} />}
      <MessageList rendered={rendered} origins={areOriginsShown.value && !isOld ? origins : undefined} />
      <Rest rendered={rendered} />
    </div>
  );
}

export function MessageList({
  rendered,
  origins,
}: {
  readonly rendered: Rendered;
  readonly origins?: Origins | undefined;
}) {
  return (
    <>
      {rendered.messages.map((message, index) => {
        const parts = partsOf(message);
        const all = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
        return (
          <article key={index} class="message" aria-label={texts.messages.card(index + 1, message.role)}>
            <header>
              <span class="role">{message.name ? `${message.role} (${message.name})` : message.role}</span>
              <span class="soft count">
                {texts.characters(all.length)} · {texts.tokens(tokens(all))}
              </span>
            </header>
            {parts.map((part, at) =>
              part.type === "text" ? (
                <pre key={at} class="text">
                  {origins?.messages[index]?.[at] ? <Stretches stretches={origins.messages[index][at]} /> : part.text}
                </pre>
              ) : (
                <ImagePart key={at} url={part.image} />
              ),
            )}
            {message.toolCalls && <pre class="text">{JSON.stringify(message.toolCalls, null, 2)}</pre>}
          </article>
        );
      })}
    </>
  );
}

/** The address, and the picture itself only on demand: a page that shows a prompt asks no other server by itself. */
function ImagePart({ url }: { readonly url: string }) {
  const [isShown, setShown] = useState(false);
  const mayShow = /^(https:|data:image\/)/.test(url);
  return (
    <div class="image-part">
      <span class="chip quiet">{texts.messages.image}</span>
      <code>{url.length > 200 ? `${url.slice(0, 200)}…` : url}</code>
      {mayShow && !isShown && (
        <Button kind="ghost" onClick={() => setShown(true)}>
          {texts.preview.showImage}
        </Button>
      )}
      {isShown && <img src={url} alt={texts.preview.imageAlt} referrerpolicy="no-referrer" />}
    </div>
  );
}

function Stretches({ stretches }: { readonly stretches: readonly Stretch[] }) {
  return (
    <>
      {stretches.map(({ text, input }, at) =>
        input === undefined ? (
          text
        ) : (
          <mark key={at} class={`origin-${colorOf(input)}`} title={texts.preview.from(input)} data-input={input}>
            {text}
          </mark>
        ),
      )}
    </>
  );
}

const COLORS = 6;
const colorOf = (name: string): number => [...name].reduce((sum, char) => sum + char.charCodeAt(0), 0) % COLORS;

function Legend({ origins }: { readonly origins: Origins }) {
  const names = new Set(origins.messages.flat(2).flatMap(({ input }) => (input === undefined ? [] : [input])));
  return (
    <p class="legend">
      {names.size === 0 ? texts.preview.noOrigins : ""}
      {[...names].map((name) => (
        <mark key={name} class={`origin-${colorOf(name)}`}>
          {name}
        </mark>
      ))}
      {origins.computed.length > 0 && <span class="hint">{texts.preview.computed(origins.computed.join(", "))}</span>}
    </p>
  );
}

function useOrigins(isCurrent: boolean): Origins | undefined {
  const [origins, setOrigins] = useState<Origins>();
  const document = shown.value?.document;
  const given = values.value;
  const isOn = areOriginsShown.value && isCurrent;
  useEffect(() => {
    if (!isOn || !document) return setOrigins(undefined);
    let isLate = false;
    setOrigins(undefined);
    void engine.origins(document, given).then(
      (found) => !isLate && setOrigins(found),
      () => undefined,
    );
    return () => {
      isLate = true;
    };
  }, [isOn, document, given]);
  return origins;
}

/** The parts of the request beside the messages. */
function Rest({ rendered }: { readonly rendered: Rendered }) {
  const { messages: _, ...rest } = rendered;
  if (Object.keys(rest).length === 0) return null;
  return (
    <details class="rest" open>
      <summary>{texts.preview.rest}</summary>
      <pre class="text">{JSON.stringify(rest, null, 2)}</pre>
    </details>
  );
}

function sizes({ messages }: Rendered): string {
  const all = messages.map((message) =>
    partsOf(message)
      .map((part) => (part.type === "text" ? part.text : ""))
      .join(""),
  );
  const sum = all.reduce((total, text) => total + tokens(text), 0);
  const characters = all.reduce((total, text) => total + text.length, 0);
  return `${texts.preview.messageCount(messages.length)} · ${texts.characters(characters)} · ${texts.tokens(sum)}`;
}
