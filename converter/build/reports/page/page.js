"use strict";
(() => {
  // ---- data: texts in the page, packed by LZMA, in an alphabet of 91 signs (13 bits in two of them)
  const ALPHABET = document.getElementById("alphabet").textContent;
  const VALUE = new Uint8Array(128);
  for (let i = 0; i < ALPHABET.length; i++) VALUE[ALPHABET.charCodeAt(i)] = i;
  const kept = new Map();

  async function load(id) {
    if (!kept.has(id)) kept.set(id, JSON.parse(new TextDecoder().decode(unpack(document.getElementById(id).textContent))));
    return kept.get(id);
  }
  function unpack(text) {
    const bytes = new Uint8Array(Math.floor(text.length / 2 * 13 / 8));
    let held = 0, bits = 0, at = 0;
    for (let i = 0; i + 1 < text.length; i += 2) {
      held |= (VALUE[text.charCodeAt(i)] + 91 * VALUE[text.charCodeAt(i + 1)]) << bits;
      bits += 13;
      while (bits >= 8) { bytes[at++] = held & 255; held >>>= 8; bits -= 8; }
    }
    return unlzma(bytes.subarray(4), bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24);
  }

  // LZMA1 as its specification has it, with lc = 3, lp = 0, pb = 0: `size` bytes from a range-coded stream.
  function unlzma(data, size) {
    const out = new Uint8Array(size), reps = [0, 0, 0, 0];
    const bits = count => new Uint16Array(count).fill(1024);
    const lengths = () => ({choice: bits(2), low: bits(8), mid: bits(8), high: bits(256)});
    const isMatch = bits(12), isRep = bits(12), isRep0 = bits(12), isRep1 = bits(12), isRep2 = bits(12), isLong = bits(12);
    const literals = bits(0x300 * 8), slots = [bits(64), bits(64), bits(64), bits(64)], places = bits(115), align = bits(16);
    const matched = lengths(), repeated = lengths();
    let at = 5, range = 0xFFFFFFFF, code = (data[1] << 24 | data[2] << 16 | data[3] << 8 | data[4]) >>> 0, state = 0, pos = 0;

    function bit(probs, i) {
      const p = probs[i], bound = (range >>> 11) * p;
      let found = 0;
      if (code < bound) { range = bound; probs[i] = p + (2048 - p >> 5); }
      else { range -= bound; code -= bound; probs[i] = p - (p >> 5); found = 1; }
      if (range < 0x1000000) { range = range * 256; code = code * 256 + (at < data.length ? data[at] : 0); at++; }
      return found;
    }
    function tree(probs, width) {
      let m = 1;
      for (let i = 0; i < width; i++) m = m << 1 | bit(probs, m);
      return m - (1 << width);
    }
    function reversed(probs, base, width) {
      let m = 1, found = 0;
      for (let i = 0; i < width; i++) { const b = bit(probs, base + m); m = m << 1 | b; found |= b << i; }
      return found;
    }
    function direct(width) {
      let found = 0;
      for (let i = 0; i < width; i++) {
        range = Math.floor(range / 2);
        const b = code >= range ? 1 : 0;
        if (b) code -= range;
        found = found * 2 + b;
        if (range < 0x1000000) { range = range * 256; code = code * 256 + (at < data.length ? data[at] : 0); at++; }
      }
      return found;
    }
    function length(of) {
      if (!bit(of.choice, 0)) return 2 + tree(of.low, 3);
      return bit(of.choice, 1) ? 18 + tree(of.high, 8) : 10 + tree(of.mid, 3);
    }
    function distance(long) {
      const slot = tree(slots[Math.min(long - 2, 3)], 6);
      if (slot < 4) return slot;
      const width = (slot >> 1) - 1, base = (2 | slot & 1) * 2 ** width;
      return slot < 14 ? base + reversed(places, base - slot, width) : base + direct(width - 4) * 16 + reversed(align, 0, 4);
    }
    function literal() {
      const base = 0x300 * (pos ? out[pos - 1] >> 5 : 0);
      let symbol = 1;
      if (state >= 7) {
        let match = out[pos - reps[0] - 1];
        do {
          const b = match >> 7 & 1;
          match <<= 1;
          const found = bit(literals, base + (1 + b << 8) + symbol);
          symbol = symbol << 1 | found;
          if (found !== b) break;
        } while (symbol < 0x100);
      }
      while (symbol < 0x100) symbol = symbol << 1 | bit(literals, base + symbol);
      out[pos++] = symbol & 255;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
    }

    while (pos < size) {
      if (!bit(isMatch, state)) { literal(); continue; }
      let long;
      if (!bit(isRep, state)) {
        reps[3] = reps[2]; reps[2] = reps[1]; reps[1] = reps[0];
        long = length(matched);
        state = state < 7 ? 7 : 10;
        reps[0] = distance(long);
      } else {
        if (!bit(isRep0, state)) {
          if (!bit(isLong, state)) { state = state < 7 ? 9 : 11; out[pos] = out[pos - reps[0] - 1]; pos++; continue; }
        } else {
          let which = 1;
          if (bit(isRep1, state)) which = bit(isRep2, state) ? 3 : 2;
          reps.unshift(...reps.splice(which, 1));
        }
        long = length(repeated);
        state = state < 7 ? 8 : 11;
      }
      const from = reps[0] + 1;
      if (from > pos) throw new Error("the data of this page is damaged");
      for (const end = Math.min(size, pos + long); pos < end; pos++) out[pos] = out[pos - from];
    }
    return out;
  }

  // ---- small helpers; texts of rules only ever become text nodes
  const $ = id => document.getElementById(id);
  function el(name, props, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(props || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (key === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
      else made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children.flat().filter(c => c !== null && c !== undefined));
    return made;
  }
  const STATUS = {e: "exact", a: "approximate", r: "refused"};
  const RANK = {e: 0, a: 1, r: 2};
  const SEVERITY = {low: 0, medium: 1, high: 2, critical: 3};
  let D, shown = [], limit = 0, sort = {by: 0, down: false}, tab = "rules";
  const state = {text: "", target: "", status: "", dataset: "", severity: "", code: ""};

  load("index").then(data => { D = data; start(); }).catch(error => { $("wait").textContent = "The report cannot be unpacked: " + error; });

  function start() {
    $("count").textContent = D.rules.length + " rules";
    $("about").textContent = "siemglot " + D.version;
    $("cards").append(...D.targets.map(card));
    const tabs = [["rules", "Rules"], ["reasons", "Reasons"], ["datasets", "Data sets"]];
    if (D.changes) tabs.push(["changes", "Changes since the last build (" + D.changes.length + ")"]);
    $("tabs").append(...tabs.map(([id, title]) => el("button", {role: "tab", id: "tab-" + id, on: {click: () => show(id)}}, title)));
    const folders = D.rules.map(r => r.path.slice(0, r.path.lastIndexOf("/") + 1));
    const common = folders.reduce((a, b) => { while (!b.startsWith(a)) a = a.slice(0, a.lastIndexOf("/", a.length - 2) + 1); return a; }, folders[0] || "");
    D.rules.forEach((r, i) => { r.i = i; r.short = r.path.slice(common.length); r.find = [r.name, r.path, r.id, r.datasets.join(" "), r.tags.join(" "), r.codes.join(" ")].join(" ").toLowerCase(); });
    window.addEventListener("hashchange", route);
    window.addEventListener("keydown", keys);
    window.addEventListener("scroll", () => { if (tab === "rules" && innerHeight + scrollY > document.body.scrollHeight - 600) grow(); });
    show("rules");
    route();
    document.documentElement.dataset.ready = Math.round(performance.now()); // milliseconds since the page was opened
  }

  function bar(counts, small) {
    const total = counts.e + counts.a + counts.r || 1;
    return el("div", {class: small ? "bar small" : "bar", title: `${counts.e} exact, ${counts.a} approximate, ${counts.r} refused`},
      "ear".split("").map(s => { const part = el("i", {class: "is-" + STATUS[s]}); part.style.flex = counts[s] / total + " 1 0"; return counts[s] ? part : null; }));
  }

  function card(target, number) {
    const counts = {e: 0, a: 0, r: 0};
    for (const r of D.rules) counts[r.status[number]]++;
    const total = D.rules.length || 1;
    return el("div", {class: "card"},
      el("div", {class: "top"}, el("h2", {}, target.name), el("span", {class: "soft mono"}, target.format)),
      el("div", {class: "faint title", title: target.title}, target.title),
      el("div", {class: "top"}, el("span", {class: "big"}, Math.round(100 * counts.e / total) + " %"), el("span", {class: "faint"}, "exact")),
      bar(counts),
      el("div", {class: "legend"}, "ear".split("").map(s => el("button", {on: {click: () => filter({target: String(number), status: s})}},
        el("span", {class: "dot " + STATUS[s]}), counts[s] + " " + STATUS[s]))));
  }

  function show(id) {
    tab = id;
    for (const button of $("tabs").children) button.setAttribute("aria-selected", button.id === "tab-" + id);
    $("view").replaceChildren(...{rules: rulesView, reasons: reasonsView, datasets: datasetsView, changes: changesView}[id]());
    if (id === "rules") refresh();
  }
  function filter(wanted) {
    Object.assign(state, {text: "", target: "", status: "", dataset: "", severity: "", code: ""}, wanted);
    show("rules");
    $("tabs").scrollIntoView({block: "start"});
  }

  // ---- the table of rules
  function select(key, title, options) {
    const made = el("select", {"aria-label": title, id: "f-" + key, on: {change: event => { state[key] = event.target.value; refresh(); }}},
      el("option", {value: ""}, title), options.map(([value, text]) => el("option", {value}, text)));
    made.value = state[key];
    return made;
  }
  function columns() {
    return [["Rule", r => r.name.toLowerCase()], ["Data set", r => (r.datasets[0] || "~").toLowerCase()], ["Severity", r => -(SEVERITY[r.severity] ?? -1)],
      ["Type", r => r.type], ...D.targets.map((t, n) => [t.name, r => RANK[r.status[n]]])];
  }
  function rulesView() {
    const sets = [...new Set(D.rules.flatMap(r => r.datasets))].sort();
    const severities = [...new Set(D.rules.map(r => r.severity))].filter(Boolean).sort((a, b) => SEVERITY[a] - SEVERITY[b]);
    const codes = [...new Set(D.rules.flatMap(r => r.codes))].sort();
    const search = el("input", {type: "search", id: "search", placeholder: "Search name, path, id, tag, data set, code ...", "aria-label": "Search",
      on: {input: event => { state.text = event.target.value; refresh(); }}});
    search.value = state.text;
    return [
      el("div", {class: "filters"}, search,
        select("target", "Any target", D.targets.map((t, n) => [String(n), t.name])),
        select("status", "Any status", Object.entries(STATUS)),
        select("dataset", "Any data set", sets.map(s => [s, s])),
        select("severity", "Any severity", severities.map(s => [s, s])),
        select("code", "Any reason", codes.map(c => [c, c + " " + (D.codes[c] ? D.codes[c][0] : "")])),
        el("button", {id: "clear", on: {click: () => filter({})}}, "Clear"),
        el("span", {class: "soft", id: "found"})),
      el("table", {id: "rules"},
        el("thead", {}, el("tr", {}, columns().map(([title], n) => el("th", {"data-sort": true, on: {click: () => { sort = {by: n, down: sort.by === n && !sort.down}; refresh(); }}}, title)))),
        el("tbody", {id: "rows"})),
      el("p", {class: "more", id: "more"})];
  }
  function refresh() {
    const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
    shown = D.rules.filter(r => words.every(w => r.find.includes(w))
      && (!state.dataset || r.datasets.includes(state.dataset)) && (!state.severity || r.severity === state.severity)
      && (!state.code || r.codes.includes(state.code))
      && (!state.status || (state.target === "" ? r.status.includes(state.status) : r.status[state.target] === state.status)));
    const key = columns()[sort.by][1], sign = sort.down ? -1 : 1;
    shown = shown.map(r => [key(r), r]).sort(([a, x], [b, y]) => a < b ? -sign : a > b ? sign : x.i - y.i).map(pair => pair[1]);
    [...$("rules").querySelectorAll("th")].forEach((th, n) => n === sort.by ? th.setAttribute("aria-sort", sort.down ? "descending" : "ascending") : th.removeAttribute("aria-sort"));
    $("found").textContent = shown.length + " of " + D.rules.length;
    $("rows").replaceChildren();
    limit = 0;
    grow();
  }
  function grow() {
    if (limit >= shown.length && limit) return;
    $("rows").append(...shown.slice(limit, limit + 120).map(row));
    limit = Math.min(shown.length, limit + 120);
    $("more").textContent = !shown.length ? "No rule fits." : limit < shown.length ? "..." : "";
  }
  function row(r) {
    return el("tr", {class: "go", tabindex: 0, on: {click: () => open(r), keydown: event => { if (event.key === "Enter") open(r); }}},
      el("td", {}, el("span", {}, r.name), el("span", {class: "path", title: r.path}, r.short)),
      el("td", {class: "soft"}, r.datasets.slice(0, 2).join(", ") + (r.datasets.length > 2 ? " +" + (r.datasets.length - 2) : "")),
      el("td", {class: "soft"}, r.severity), el("td", {class: "soft"}, r.type),
      r.status.split("").map(s => el("td", {class: "state"}, el("span", {class: "dot " + STATUS[s]}), el("span", {class: s === "e" ? "soft" : ""}, STATUS[s]))));
  }

  // ---- reasons, data sets, changes
  function reasonsView() {
    const by = new Map();
    for (const [target, status, code, count] of D.reasons) {
      if (!by.has(code)) by.set(code, {code, total: 0, parts: []});
      by.get(code).total += count;
      by.get(code).parts.push([target, status, count]);
    }
    const rows = [...by.values()].sort((a, b) => b.total - a.total);
    return [el("table", {id: "reasons"}, el("thead", {}, el("tr", {}, ["Reason", "Keeps from being exact", "Next step"].map(t => el("th", {}, t)))),
      el("tbody", {}, rows.map(r => el("tr", {class: "go", on: {click: () => filter({code: r.code})}},
        el("td", {}, el("code", {}, r.code), " ", (D.codes[r.code] || [""])[0], el("span", {class: "path"}, (D.codes[r.code] || ["", ""])[1])),
        el("td", {}, r.parts.map(([target, status, count]) => el("span", {class: "chip " + status, title: status}, target + " " + count)).flatMap(c => [c, " "])),
        el("td", {class: "soft"}, (D.codes[r.code] || ["", "", ""])[2])))))];
  }
  function datasetsView() {
    const by = new Map();
    for (const r of D.rules) for (const name of r.datasets.length ? r.datasets : ["(none named)"]) {
      if (!by.has(name)) by.set(name, {name, total: 0, of: D.targets.map(() => ({e: 0, a: 0, r: 0}))});
      const one = by.get(name);
      one.total++;
      r.status.split("").forEach((s, n) => one.of[n][s]++);
    }
    const rows = [...by.values()].sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
    return [el("table", {id: "datasets"}, el("thead", {}, el("tr", {}, el("th", {}, "Data set"), el("th", {class: "num"}, "Rules"), D.targets.map(t => el("th", {}, t.name)))),
      el("tbody", {}, rows.map(d => el("tr", {class: "go", on: {click: () => filter({dataset: d.name})}}, el("td", {}, d.name), el("td", {class: "num"}, String(d.total)),
        d.of.map(c => el("td", {}, bar(c, true)))))))];
  }
  function changesView() {
    return [el("table", {class: "changes"}, el("thead", {}, el("tr", {}, ["Rule", "What", "Status"].map(t => el("th", {}, t)))),
      el("tbody", {}, D.changes.map(c => el("tr", {}, el("td", {}, c.name || c.path, el("span", {class: "path"}, c.path)),
        el("td", {}, c.kind, c.meaning.length ? el("pre", {}, c.meaning.map(line => el("div", {class: line.startsWith("  -") ? "del" : line.startsWith("  +") ? "add" : "soft"}, line))) : null),
        el("td", {}, c.status.map(t => el("div", {}, t.target + ": " + (t.before || "not built") + " \u2192 " + (t.after || "not built"))))))))];
  }

  // ---- one rule: source, outputs, account, messages
  function open(r) { location.hash = "rule=" + encodeURIComponent(r.id || r.path); }
  function route() {
    const named = /^#rule=(.*)$/.exec(location.hash);
    const key = named && decodeURIComponent(named[1]);
    const rule = named && D.rules.find(r => r.id === key || r.path === key);
    $("rule").hidden = !rule;
    document.body.style.overflow = rule ? "hidden" : "";
    if (rule) detail(rule);
  }
  function step(by) {
    const named = decodeURIComponent(location.hash.slice(6));
    const at = shown.findIndex(r => (r.id || r.path) === named);
    const next = shown[at + by];
    if (at >= 0 && next) location.replace("#rule=" + encodeURIComponent(next.id || next.path));
  }
  function close() { history.replaceState(null, "", location.pathname + location.search); route(); }
  function keys(event) {
    if ($("rule").hidden) { if (event.key === "/" && event.target.tagName !== "INPUT") { event.preventDefault(); $("search") && $("search").focus(); } return; }
    if (event.key === "Escape") close();
    if (event.key === "ArrowRight" || event.key === "j") step(1);
    if (event.key === "ArrowLeft" || event.key === "k") step(-1);
  }
  async function detail(r) {
    const [chunk, texts] = await Promise.all([load("chunk-" + Math.floor(r.i / D.chunk)), load("texts")]);
    const rule = named(chunk[r.i % D.chunk], texts);
    const source = el("div", {class: "fill src", id: "source"});
    paint(source, rule, null);
    const outs = D.targets.flatMap((target, n) => rule.made.filter(m => m.t === n).map(m => output(target, m, rule)));
    const unread = !rule.made.length ? [el("div", {class: "pane"}, el("p", {class: "why"}, "The rule could not be read: see its messages."))] : [];
    $("rule").replaceChildren(
      el("div", {class: "head"}, el("button", {id: "back", on: {click: close}}, "\u2190 All rules"), el("h1", {title: r.path}, r.name),
        el("span", {class: "chip"}, r.type), el("span", {class: "chip"}, r.severity || "no severity"), r.datasets.slice(0, 3).map(d => el("span", {class: "chip"}, d)),
        el("span", {class: "right"}, el("button", {title: "previous (left arrow)", on: {click: () => step(-1)}}, "\u2039"), el("button", {title: "next (right arrow)", on: {click: () => step(1)}}, "\u203a"))),
      el("div", {class: "body"},
        el("div", {class: "panes"},
          el("div", {class: "pane"}, el("div", {class: "bartop"}, el("b", {}, "Source"), el("span", {class: "soft mono", title: r.path}, r.path.split("/").pop())), source),
          el("div", {class: "outs"}, outs, unread)),
        el("div", {class: "below"}, account(rule, source), messages(rule))));
    for (const mark of document.querySelectorAll("#rule .begin")) {
      const box = mark.closest(".fill");
      box.scrollTop = mark.getBoundingClientRect().top - box.getBoundingClientRect().top - 24;
    }
    document.documentElement.dataset.rule = r.id || r.path;
  }
  // The parts of a rule by their names, and its texts in place of their numbers.
  function named([query, line, column, messages, conditions, made], texts) {
    const text = t => typeof t === "number" ? texts[t] : t, lines = list => list.map(text).join("\n");
    return {query: lines(query), line, column,
      messages: messages.map(([code, severity, message, hint, place]) => [code, severity, text(message), text(hint), place]),
      conditions: conditions.map(([words, a, b, c, d]) => [text(words), [a, b, a + c, d]]),
      made: made.map(([t, s, x, file, place, said, account, cut]) => ({t, s, text: lines(x), file, place, said, cut,
        account: account.map(([n = 0, ending = 0, columns = [], why = "", code = "", entry = 0]) => [n, ending, columns.map(text), text(why), code, entry])}))};
  }
  function output(target, m, rule) {
    const text = m.text;
    // A reason is said whole among the messages, once for all targets that refuse for it.
    const bad = [...new Set(m.said.map(n => rule.messages[n]).filter(x => x[1] === "error").map(x => x[0]))];
    return el("div", {class: "pane out", "data-target": target.name},
      el("div", {class: "bartop"}, el("b", {}, target.name), el("span", {class: "chip " + STATUS[m.s]}, STATUS[m.s]), el("span", {class: "soft", title: m.file}, m.place),
        text && !m.cut ? el("button", {on: {click: event => { navigator.clipboard && navigator.clipboard.writeText(text); event.target.textContent = "copied"; }}}, "copy") : null),
      text ? el("div", {class: "fill"}, el("pre", {}, parts(text))) : el("div", {class: "fill why"}, bad.map(code => el("p", {}, el("code", {}, code), " ", (D.codes[code] || [""])[0]))));
  }
  // The comment at the top of an artifact says where it comes from: it is there, and quiet.
  function head(text) { return (/^(?:(?:#|\/\/)[^\n]*\n)+|^```[^]*?```\s*/.exec(text) || [""])[0]; }
  // Deployable formats begin with much that is not the query: a pane opens where it begins.
  const QUERY = /^[ \t]*"?(?:search|query|detection)"?[ \t]*[:=]|^def (?:matches|rule|_?condition|where|filter_\d+)\b/m;
  function parts(text) {
    const top = head(text), rest = text.slice(top.length), at = rest.search(QUERY);
    const quiet = el("span", {class: "faint"}, top);
    const from = Math.max(at, 0);
    return [quiet, rest.slice(0, from), el("span", {class: "begin"}), rest.slice(from)];
  }
  function paint(box, rule, place) {
    const lines = rule.query.split("\n"), first = rule.line || 1;
    const common = Math.min(...lines.slice(1).filter(t => t.trim()).map(t => t.length - t.trimStart().length), 40);
    box.replaceChildren(...lines.map((line, n) => {
      const cut = n ? Math.min(common, line.length - line.trimStart().length) : 0, text = line.slice(cut);
      const shift = n === 0 && rule.line ? rule.column - 1 : cut, number = first + n;
      let parts = [text];
      if (place && place[0] <= number && number <= place[2]) {
        const a = Math.max(0, number === place[0] ? place[1] - 1 - shift : 0), b = number === place[2] ? place[3] - 1 - shift : text.length;
        parts = [text.slice(0, a), el("mark", {}, text.slice(a, b)), text.slice(b)];
      }
      return el("div", {class: "ln"}, el("i", {}, rule.line ? String(number) : ""), el("span", {}, parts));
    }));
    const mark = box.querySelector("mark");
    if (mark) { const at = mark.getBoundingClientRect(), of = box.getBoundingClientRect(); if (at.top < of.top || at.bottom > of.bottom) box.scrollTop += at.top - of.top - 40; }
  }
  function account(rule, source) {
    const rows = rule.conditions.map(([words, place], n) => el("tr", {on: {mouseenter: () => paint(source, rule, place), mouseleave: () => paint(source, rule, null)}},
      el("td", {class: "c"}, words),
      rule.made.map(m => el("td", {}, m.account.filter(e => e[0] === n).map(e => ending(e))))));
    return el("div", {class: "pane account"}, el("div", {class: "bartop"}, el("b", {}, "Where each condition went"), el("span", {class: "soft"}, rule.conditions.length + " conditions")),
      el("div", {class: "fill"}, el("table", {}, el("thead", {}, el("tr", {}, el("th", {}, "condition"), rule.made.map(m => el("th", {}, D.targets[m.t].name)))), el("tbody", {}, rows))));
  }
  function ending(e) {
    const kind = ["exact", "none", "refused"][e[1]];
    const text = e[1] === 0 ? e[2].join(", ") : e[1] === 1 ? "implied: " + e[3] : (e[4] ? e[4] + ": " : "") + e[3];
    const entry = D.entries[e[5]];
    return el("div", {class: "end", title: entry ? entry.filter(Boolean).join("\n") : null}, el("span", {class: "dot " + kind}), el("span", {}, text));
  }
  function messages(rule) {
    const order = {error: 0, warning: 1, advice: 2, note: 3};
    // One message about several places is one message.
    const groups = new Map();
    rule.messages.forEach((m, n) => {
      const names = rule.made.filter(made => made.said.includes(n)).map(made => D.targets[made.t].name);
      const key = JSON.stringify([m.slice(0, 4), names]);
      if (groups.has(key)) groups.get(key).places.push(m[4]); else groups.set(key, {m, n, names, places: [m[4]]});
    });
    const list = [...groups.values()].sort((a, b) => order[a.m[1]] - order[b.m[1]] || a.n - b.n);
    return el("div", {class: "pane"}, el("div", {class: "bartop"}, el("b", {}, "Messages"), el("span", {class: "soft"}, String(list.length))),
      el("div", {class: "fill", id: "messages"}, list.map(({m, names, places}) => {
        const about = D.codes[m[0]];
        return el("div", {class: "msg " + m[1]}, el("span", {class: "code", title: about ? about[1] + "\n\nWhat to do: " + about[2] : ""}, m[0]), m[2],
          names.length < rule.made.length ? el("span", {class: "to"}, names.map(name => el("span", {class: "chip"}, name))) : null,
          m[3] ? el("p", {}, m[3]) : null, places.some(Boolean) ? el("p", {class: "faint mono"}, places.map((p, n) => n ? p.replace("line ", "") : p).join(", ")) : null);
      })));
  }
})();
