import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import names from "./icons.json" with { type: "json" };

const ICONS = new URL("node_modules/@tabler/icons/", import.meta.url);

/** One SVG sheet holding only the icons that the pages name; the manifest knows it as "icons.svg". */
function iconSheet(): Plugin {
  return {
    name: "qingyuan-icon-sheet",
    generateBundle() {
      const licence = readFileSync(new URL("LICENSE", ICONS), "utf8").trim().replaceAll("--", "- -");
      const symbols = names.map((name) => {
        const svg = readFileSync(new URL(`icons/outline/${name}.svg`, ICONS), "utf8");
        const drawing = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
        const strokes = drawing.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "").replace(/\s+/g, " ").trim();
        return `<symbol id="${name}" viewBox="0 0 24 24">${strokes}</symbol>`;
      });
      this.emitFile({
        type: "asset",
        name: "icons.svg",
        originalFileName: "icons.svg",
        source: `<svg xmlns="http://www.w3.org/2000/svg">\n<!-- Tabler Icons\n${licence}\n-->\n${symbols.join("\n")}\n</svg>\n`,
      });
    },
  };
}

/** The minifier drops Tabler's copyright notice; its licence asks that it stays. */
function stylesheetNotice(): Plugin {
  return {
    name: "qingyuan-stylesheet-notice",
    writeBundle({ dir = "" }) {
      const source = readFileSync(new URL("node_modules/@tabler/core/dist/css/tabler.css", import.meta.url), "utf8");
      const notice = source.slice(source.indexOf("/*!"), source.indexOf("*/") + 2);
      const file = readdirSync(join(dir, "assets")).find((name) => /^app-.*\.css$/.test(name));
      if (!file) throw new Error("No stylesheet app-*.css was built; expected one");
      const path = join(dir, "assets", file);
      writeFileSync(path, `${notice}\n${readFileSync(path, "utf8")}`);
    },
  };
}

/** A .gz beside each file, which the static file server prefers when the browser takes it. */
function compressed(): Plugin {
  return {
    name: "qingyuan-compressed",
    writeBundle({ dir = "" }) {
      for (const file of readdirSync(join(dir, "assets"))) {
        const path = join(dir, "assets", file);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [iconSheet(), stylesheetNotice(), compressed()],
  build: {
    outDir: "../src/qingyuan/showing/static/dist",
    emptyOutDir: true,
    manifest: true,
    license: true,
    target: "es2022",
    cssTarget: "chrome107",
    chunkSizeWarningLimit: 1200,
    reportCompressedSize: false,
    rolldownOptions: { input: { app: "app/main.ts" } },
  },
});
