// JSON Schemas from the TypeScript of @grafana/schema, for grafana_schemas.py.
// node grafana_schemas.mjs FOLDER ALIAS: FOLDER/node_modules has the packages; prints {name: schema}.
import { createRequire } from "node:module";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , folder, alias] = process.argv;
const { createGenerator } = createRequire(join(folder, "/"))("ts-json-schema-generator");

const dist = join(folder, "node_modules", alias, "dist");
const types = existsSync(join(dist, "types")) ? join(dist, "types") : join(dist, "esm");
const raw = join(types, "raw");

// The package imports itself by its own name.
const tsconfig = join(folder, `${alias}.json`);
const paths = { "@grafana/schema": [join(types, "index.d.ts")] };
const resolution = { module: "esnext", moduleResolution: "node", target: "es2020", paths };
writeFileSync(tsconfig, JSON.stringify({ compilerOptions: { strict: true, ...resolution } }));

function declared(...place) {
  const there = join(raw, ...place, "x");
  return join(there, readdirSync(there).find((name) => name.endsWith(".d.ts")));
}

function schema(path, type) {
  const strict = { additionalProperties: false, expose: "all", skipTypeCheck: true };
  return createGenerator({ path, type, tsconfig, ...strict }).createSchema(type);
}

const dashboard = declared("dashboard");
const found = Object.fromEntries(
  ["Dashboard", "Panel", "VariableModel", "DashboardLink"].map((type) => [type, schema(dashboard, type)]),
);
for (const kind of ["timeseries", "stat", "table", "bargauge"]) {
  const path = declared("composable", kind, "panelcfg");
  found[`${kind} options`] = schema(path, "Options");
  if (/\bFieldConfig\b/.test(readFileSync(path, "utf8"))) {
    try {
      found[`${kind} custom`] = schema(path, "FieldConfig");
    } catch {
      // Only imported there: this kind of panel has no settings of a field.
    }
  }
}
process.stdout.write(JSON.stringify(found));
