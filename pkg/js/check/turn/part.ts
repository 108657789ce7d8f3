/** A text or an image, as SDKs write it. */
import { type Dict, isDict } from "../../plan/python.ts";
import type { OtherPart, Part } from "../../types.ts";
import { isImage } from "../data.ts";
import { type Reader, below } from "../reader.ts";
import { has, other } from "./message.ts";

type ReadPart = readonly [part: Part | OtherPart, known: readonly string[]];

/** A text or an image, and the members that hold it; anything else unchanged. */
export function readPart(reader: Reader, type: string, members: Dict, at: string): ReadPart | undefined {
  const text = (key: string) => (typeof members[key] === "string" ? members[key] : undefined);
  const mediaType = text("mediaType") ?? text("mimeType");
  if (type === "text" || type === "input_text" || type === "output_text") {
    const said = reader.memberText(members, "text", at);
    return said === undefined ? undefined : [{ type: "text", text: said }, ["text"]];
  }
  if (type === "image" && has(members, "source")) {
    const url = sourceOf(members["source"]);
    return url === undefined ? [other(members), []] : image(reader, url, below(at, "source"), ["source"]);
  }
  if (type === "image") {
    const value = reader.memberText(members, "image", at);
    if (value === undefined) return undefined;
    return image(reader, dataUrl(value, mediaType), below(at, "image"), ["image", "mediaType", "mimeType"]);
  }
  if ((type === "image_url" || type === "input_image") && has(members, "image_url")) {
    const place = below(at, "image_url");
    const { image_url: value } = members;
    const [given, from] = isDict(value) ? [value["url"] ?? null, below(place, "url")] : [value, place];
    const url = reader.text(given, from);
    const isAuto = ({ detail }: Dict) => typeof detail !== "string" || detail === "auto";
    let known = isAuto(members) ? ["image_url", "detail"] : ["image_url"];
    if (isDict(value) && !isAuto(value)) known = ["detail"];
    return url === undefined ? undefined : image(reader, url, from, known);
  }
  if (["file", "media", "image-data"].includes(type) && mediaType?.startsWith("image/") === true) {
    const data = fileData(members["data"]);
    if (data !== undefined)
      return image(reader, dataUrl(data, mediaType), below(at, "data"), ["data", "mediaType", "mimeType", "filename"]);
  }
  if (type === "image-url") {
    const url = reader.memberText(members, "url", at);
    return url === undefined ? undefined : image(reader, url, below(at, "url"), ["url", "mediaType"]);
  }
  return [other(members), []];
}

/** The data of a file of the AI SDK: base64 or a URL, or an object that names which. */
function fileData(data: unknown): string | undefined {
  if (!isDict(data)) return typeof data === "string" ? data : undefined;
  const { type } = data;
  const said = type === "data" || type === "url" ? data[type] : undefined;
  return typeof said === "string" ? said : undefined;
}

function image(reader: Reader, url: string, at: string, known: readonly string[]): ReadPart | undefined {
  if (!reader.check(isImage(url), at, "an https URL or a data:image/…;base64, URL")) return undefined;
  return [{ type: "image", image: url }, known];
}

/** Anthropic's source of an image as a URL; `undefined` for one that only Anthropic can read. */
function sourceOf(source: unknown): string | undefined {
  if (!isDict(source)) return undefined;
  const { type, media_type: media, data, url } = source;
  if (type === "url") return typeof url === "string" ? url : undefined;
  const isWhole = type === "base64" && typeof media === "string" && typeof data === "string";
  return isWhole ? `data:${media};base64,${data}` : undefined;
}

/** Bare base64 as a data URL of its media type. */
function dataUrl(text: string, mediaType: string | undefined): string {
  const isAlone = mediaType?.startsWith("image/") === true && !text.includes(":");
  return isAlone ? `data:${mediaType};base64,${text}` : text;
}
