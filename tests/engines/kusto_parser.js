// Microsoft's Kusto parser and binder as a batch process: one JSON object per line in, one per line out.
//   {"tables": {name: {column: type}}, "functions": [[name, parameters, body]]}  sets the schema; answers {"ready": n}
//   {"id": text, "query": text}                  answers {"id": text, "diagnostics": [], "columns": [[name, type]]}
"use strict";

const readline = require("node:readline");
const path = require("node:path");

const folder = path.join(process.argv[2], "@kusto", "language-service-next");
require(path.join(folder, "bridge.min.js"));
require(path.join(folder, "Kusto.Language.Bridge.min.js"));

const { GlobalState, KustoCode, Symbols } = Kusto.Language;
let globals = GlobalState.Default;

const quote = (name) => `['${name.replace(/\\/g, "\\\\").replace(/'/g, "\\'").replace(/\n/g, "\\n")}']`;

function table([name, columns]) {
  const list = Object.entries(columns).map(([column, type]) => `${quote(column)}:${type}`);
  return Symbols.TableSymbol.From(`(${list.join(", ")})`).WithName(name);
}

function declare({ tables, functions }) {
  const symbols = Object.entries(tables).map(table);
  for (const [name, parameters, body] of functions) {
    symbols.push(new Symbols.FunctionSymbol.$ctor16(name, parameters, body, null));
  }
  globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("workspace", symbols));
  return { ready: symbols.length };
}

function diagnose({ id, query }) {
  const code = KustoCode.ParseAndAnalyze(query, globals);
  const found = code.GetDiagnostics();
  const diagnostics = [];
  for (let i = 0; i < found.Count; i += 1) {
    const one = System.Array.getItem(found, i, Kusto.Language.Diagnostic);
    diagnostics.push([one.Code, one.Severity, one.Message, one.Start, one.End]);
  }
  return { id, diagnostics, columns: columns(code.ResultType) };
}

function columns(result) {
  const listed = [];
  const found = result instanceof Symbols.TableSymbol ? result.Columns : null;
  for (let i = 0; found !== null && i < found.Count; i += 1) {
    const one = System.Array.getItem(found, i, Symbols.ColumnSymbol);
    listed.push([one.Name, one.Type.Name]);
  }
  return listed;
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const request = JSON.parse(line);
  const answer = "tables" in request ? declare(request) : diagnose(request);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
