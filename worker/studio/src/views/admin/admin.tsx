/** Administration of the project: keys, projects, connections, the audit log, deleted prompts. */
import { type AdminView as Name, ADMIN, href } from "../../route.ts";
import { mayAdmin, mayWrite } from "../../state/session.ts";
import { Empty } from "../../parts/parts.tsx";
import { texts } from "../../texts.ts";
import { Audit } from "./audit.tsx";
import { Connections } from "./connections.tsx";
import { Deleted } from "./deleted.tsx";
import { Keys } from "./keys.tsx";
import { Projects } from "./projects.tsx";

const takesWrite = (name: Name): boolean => name === "audit" || name === "deleted";

export function AdminView({ view }: { readonly view: Name }) {
  const may = takesWrite(view) ? mayWrite.value : mayAdmin.value;
  return (
    <>
      <div class="head">
        <div class="head-line">
          <h1>{texts.admin[view]}</h1>
        </div>
        <nav class="views" aria-label={texts.admin.open}>
          {ADMIN.map((name) => (
            <a key={name} href={href({ admin: name })} aria-current={name === view ? "page" : undefined}>
              {texts.admin[name]}
            </a>
          ))}
        </nav>
      </div>
      <div class="sheet wide">
        {may ? <View view={view} /> : <Empty title={texts.admin.mayNot(takesWrite(view) ? "write" : "admin")} />}
      </div>
    </>
  );
}

function View({ view }: { readonly view: Name }) {
  switch (view) {
    case "keys":
      return <Keys />;
    case "projects":
      return <Projects />;
    case "connections":
      return <Connections />;
    case "audit":
      return <Audit />;
    case "deleted":
      return <Deleted />;
  }
}
