/** The one script of every page: htmx with its live stream, small page behaviour, and islands fetched only where they stand. */
import "@tabler/core/dist/css/tabler.min.css";
import "../styles/tokens.css";
import "../styles/frame.css";
import "../styles/parts.css";
import "../styles/shapes.css";
import "../styles/pages.css";

import htmx from "htmx.org";
import "htmx-ext-sse";

import { watchConnection } from "./connection";
import { keepDrafts } from "./drafts";
import { helpForms } from "./forms";
import { mountIslands, refreshIslandsFromStream } from "./islands";
import { listenToKeys } from "./keys";
import { holdWhileRead } from "./live";
import { offerNotices, tellOfNewTasks } from "./notices";
import { addPosition } from "./position";
import { closeMenusOutside, copyOnClick, rememberMenuGroups } from "./presses";
import { keepTimesCurrent } from "./times";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "[45]..", swap: false, error: true },
];

function main(): void {
  watchConnection();
  helpForms();
  keepDrafts();
  listenToKeys();
  holdWhileRead();
  copyOnClick();
  closeMenusOutside();
  rememberMenuGroups();
  keepTimesCurrent();
  addPosition();
  tellOfNewTasks();
  offerNotices();
  refreshIslandsFromStream();
  mountIslands(document.body);
  document.addEventListener("htmx:load", (event) => mountIslands(event.target as HTMLElement));
}

main();
