/** Dialogs and overlays: one signal each, so that any view can open one and the shell draws it. */
import { signal } from "@preact/signals";

export const isPaletteOpen = signal(false);
export const isNewOpen = signal(false);
export const isWhoOpen = signal(false);
/** On a narrow page the rail is a drawer. */
export const isRailOpen = signal(false);
