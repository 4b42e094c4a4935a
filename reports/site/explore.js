// The explore page: the choice stands in the address; table, map and funnel follow it.
// Everything shown is written as text, never as markup.
(() => {
  const root = document.documentElement;
  root.classList.replace("no-script", "with-script");
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const locale = root.lang === "da" ? "da-DK" : "en-GB";
  const n = data.places.length;
  // Rows and columns of the cells; choices of main levels come after those of the levels.
  const single = (choices) => choices.filter(([value]) => !value.startsWith("main-")).length;
  const [height, width] = [single(data.diagnoses), single(data.tenures)];
  const mains = (choices) => 1 + Math.max(-1, ...choices.map(([, , , main]) => main ?? -1));
  const mainWidth = mains(data.tenures);
  const country = n;

  // A formatter is slow to make and quick to use: one for each number of decimals.
  const formatters = [0, 1, 2].map((decimals) => new Intl.NumberFormat(locale, {
    minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
  const format = (value, decimals = 1) => (value === null || value === undefined ? data.missing
    : formatters[decimals].format(value).replace("-", "\u2212"));
  const signed = (value) => {
    const text = format(value);
    if (!/[1-9]/.test(text)) return text.replace("\u2212", "");
    return (value > 0 ? "+" : "") + text;
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const element = (name, text = null, attributes = {}) => {
    const made = document.createElement(name);
    if (text !== null) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const drawn = (name, attributes = {}, text = null) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    if (text !== null) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  // --- the choice ---------------------------------------------------------------------------
  const controls = { udfald: "outcome", model: "model", aar: "year", diagnose: "diagnosis",
    anciennitet: "tenure", alder: "age" };
  const control = (key) => document.getElementById(`choose-${controls[key]}`);
  const first = { udfald: data.main[0], model: data.main[1], sort: "place" };
  let choice = { ...first };

  function valid(key, value) {
    const select = control(key);
    return select && Array.from(select.options).some((option) => option.value === value);
  }

  // One cut at a time: a year, an age band, or diagnosis and tenure.
  function tidy(chosen) {
    const kept = { ...first };
    for (const key of Object.keys(controls)) {
      if (chosen[key] && valid(key, chosen[key])) kept[key] = chosen[key];
    }
    if (!data.views[`${kept.udfald}-${kept.model}`]) Object.assign(kept, first);
    if (kept.aar) for (const key of ["alder", "diagnose", "anciennitet"]) delete kept[key];
    if (kept.alder) for (const key of ["diagnose", "anciennitet"]) delete kept[key];
    if (chosen.soeg) kept.soeg = chosen.soeg;
    if (chosen.sort && columns.some((column) => column.key === chosen.sort.replace("-", ""))) {
      kept.sort = chosen.sort;
    }
    return kept;
  }

  function address() {
    const parts = Object.entries(choice).filter(([key, value]) => value && first[key] !== value);
    return `#${new URLSearchParams(parts)}`;
  }
  const remember = (isStep) => {
    const now = address();
    if (now === (location.hash || "#")) return;
    history[isStep ? "pushState" : "replaceState"](null, "", now);
  };
  function readAddress() {
    choice = tidy(Object.fromEntries(new URLSearchParams(location.hash.slice(1))));
    for (const key of Object.keys(controls)) if (control(key)) control(key).value = choice[key] || "";
    one("#search").value = choice.soeg || "";
    show();
  }

  // --- the numbers ---------------------------------------------------------------------------
  // Years, ages and cells come packed, and are unpacked when first looked at: ratios and limits
  // stand for the places with an observed count only.
  const numbersOf = (text) => text.split(",").map((part) => (part === "" ? null : Number(part)));
  const unpacked = new Map();
  function unpack(packed) {
    if (unpacked.has(packed)) return unpacked.get(packed);
    const table = { o: numbersOf(packed.o), e: numbersOf(packed.e) };
    if (packed.s) table.s = numbersOf(packed.s);
    for (const name of ["q", "l", "h"]) {
      const known = numbersOf(packed[name]);
      let at = -1;
      table[name] = table.o.map((value) => (value === null ? null : known[at += 1]));
    }
    unpacked.set(packed, table);
    return table;
  }

  const isWhole = () => !(choice.aar || choice.alder || choice.diagnose || choice.anciennitet);

  const chosen = (choices, value) => choices.findIndex(([name]) => name === value);
  const at = (table, i) => ({ o: table.o[i], e: table.e[i], q: table.q[i], l: table.l[i],
    h: table.h[i], s: table.s ? table.s[i] : null });

  function summed(cells, place, row, column) {
    const every = (choices) => choices.slice(0, single(choices)).map((_, i) => i);
    const rows = row === -1 ? every(data.diagnoses) : data.diagnoses[row][2];
    const columns = column === -1 ? every(data.tenures) : data.tenures[column][2];
    const parts = rows.flatMap((i) => columns.map((j) => place * height * width + i * width + j));
    if (parts.length === 1) return at(cells, parts[0]);
    const observed = parts.map((i) => cells.o[i]);
    return {
      o: observed.includes(null) ? null : observed.reduce((a, b) => a + b, 0),
      e: parts.reduce((total, i) => total + (cells.e[i] || 0), 0),
      q: null, l: null, h: null, s: null,
    };
  }

  // What was published for the chosen part: of one dimension its level, of two their cell.
  function partOf() {
    const key = `${choice.udfald}-${choice.model}`;
    if (choice.aar) { const table = unpack(data.years[key][choice.aar]); return (place) => at(table, place); }
    if (choice.alder) { const table = unpack(data.ages[key][choice.alder]); return (place) => at(table, place); }
    const row = chosen(data.diagnoses, choice.diagnose);
    const column = chosen(data.tenures, choice.anciennitet);
    const levels = data.levels[key] || {};
    for (const [name, choices, one, other] of [["diagnosis", data.diagnoses, row, column],
      ["tenure", data.tenures, column, row]]) {
      if (one === -1 || other !== -1 || !levels[name]) continue;
      const table = unpack(levels[name]);
      return (place) => at(table, place * choices.length + one);
    }
    const isMain = (choices, i) => i !== -1 && choices[i][0].startsWith("main-");
    if ((isMain(data.diagnoses, row) || isMain(data.tenures, column)) && data.main_cells[key]) {
      const [i, j] = [data.diagnoses[row], data.tenures[column]].map((one) => one && one[3]);
      const table = unpack(data.main_cells[key]);
      const size = mains(data.diagnoses) * mainWidth;
      if (Number.isInteger(i) && Number.isInteger(j)) {
        // The table of main cells has none for the country: its cells are added up.
        const cells = unpack(data.cells[key]);
        return (place) => (place === country ? summed(cells, place, row, column)
          : at(table, place * size + i * mainWidth + j));
      }
    }
    const cells = unpack(data.cells[key]);
    return (place) => summed(cells, place, row, column);
  }

  function rowsOf() {
    const whole = isWhole();
    const view = data.views[`${choice.udfald}-${choice.model}`];
    const part = whole ? (place) => at(view, place) : partOf();
    return data.places.map(([code, name, region, page, column, line, short], place) => {
      const cut = part(place);
      // As published; a sum of cells has none of its own.
      const ratio = cut.q ?? (cut.o !== null && cut.e > 0 ? cut.o / cut.e : null);
      return { code, name, region, page, column, line, short, place, ...cut, ratio,
        difference: cut.o === null ? null : Number((cut.o - cut.e).toPrecision(10)),
        shrunk: cut.s,
        out: whole ? view.f[place] : null, rank: whole ? view.r[place] : null, rl: view.rl[place], rh: view.rh[place],
        sl: view.sl[place], sh: view.sh[place] };
    });
  }

  // --- the table -----------------------------------------------------------------------------
  const columns = [
    { key: "place", of: (row) => row.place, isText: true },
    { key: "region", of: (row) => row.region, isText: true },
    { key: "observed", of: (row) => row.o },
    { key: "expected", of: (row) => row.e },
    { key: "difference", of: (row) => row.difference },
    { key: "ratio", of: (row) => row.ratio },
    { key: "shrunk", of: (row) => row.shrunk },
    { key: "rank", of: (row) => row.rank },
  ];
  const interval = (low, high, decimals) => {
    if (low === null || high === null) return data.missing;
    if (low <= 1 && high > data.widest_ratio) return words.no_interval;
    return `${format(low, decimals)}–${format(high, decimals)}`;
  };

  function ordered(rows) {
    const falling = choice.sort.startsWith("-");
    const column = columns.find((found) => found.key === choice.sort.replace("-", ""));
    const value = column.of;
    return [...rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === null || y === null) return (x === null) - (y === null) || a.place - b.place;
      const way = typeof x === "string" ? x.localeCompare(y, "da") : x - y;
      return (falling ? -way : way) || a.place - b.place;
    });
  }

  // Ratios from a quarter to four times, on the log scale.
  const onScale = (ratio) => 50 + 50 * Math.max(-1, Math.min(1, Math.log(ratio) / Math.log(4)));

  function bar(row) {
    const made = drawn("svg", { class: "bar", viewBox: isWhole() ? `0 0 ${n + 1} 10` : "0 0 100 10",
      preserveAspectRatio: "none", "aria-hidden": "true" });
    const path = (kind, d) => made.append(drawn("path", { class: kind, d }));
    if (isWhole()) {
      if (row.rank === null || row.rl === null) return made;
      if (row.sl !== null) path("thin", `M${row.sl - 0.4} 5H${row.sh + 0.4}`);
      path("thick", `M${row.rl - 0.4} 5H${row.rh + 0.4}`);
      path("dot", `M${row.rank} 0V10`);
      return made;
    }
    path("base", "M50 0V10");
    if (row.l !== null && row.h !== null) {
      path("thick", `M${onScale(Math.max(row.l, 0.01))} 5H${onScale(row.h)}`);
    }
    if (row.ratio) path("dot", `M${onScale(row.ratio)} 0V10`);
    return made;
  }

  const hasLevel = (rows) => !isWhole() && rows.some((row) => row.shrunk !== null);

  function tableRow(row, isLevel) {
    const made = element("tr");
    const name = element("th", null, { scope: "row" });
    name.append(element("a", row.name, { href: row.page }));
    made.append(name, element("td", row.region, { class: "text region" }));
    const hidden = row.o === null;
    const shown = (text, extra = "") => {
      const cell = element("td", hidden ? data.hidden : text, extra ? { class: extra } : {});
      if (hidden) cell.append(element("span", ` ${words.suppressed}`, { class: "unseen" }));
      return cell;
    };
    made.append(shown(format(row.o, 0)), element("td", format(row.e)));
    made.append(shown(signed(row.difference), "wide-only"), shown(format(row.ratio, 2)));
    made.append(shown(interval(row.l, row.h, 2), "soft wide-only"));
    if (isLevel) made.append(element("td", format(row.shrunk, 2)));
    if (isWhole()) {
      const cell = element("td");
      if (row.rank === null || row.rl === null) cell.textContent = data.missing;
      else cell.append(element("b", row.rank), element("span", ` (${row.rl}–${row.rh})`, { class: "soft" }));
      made.append(cell);
    }
    const last = element("td", null, { class: "drawn wide-only" });
    last.append(bar(row));
    made.append(last);
    return made;
  }

  function showTable(rows) {
    const table = one("#explore-table");
    one("#caption-choice").textContent = named();
    const isLevel = hasLevel(rows);
    for (const cell of all(".only-whole", table)) cell.hidden = !isWhole();
    for (const cell of all(".only-level", table)) cell.hidden = !isLevel;
    one("#drawn-head").textContent = isWhole() ? words.drawn_rank : words.drawn_ratio;
    for (const button of all("thead button", table)) {
      const header = button.closest("th");
      header.removeAttribute("aria-sort");
      if (choice.sort.replace("-", "") === button.dataset.key) {
        header.setAttribute("aria-sort", choice.sort.startsWith("-") ? "descending" : "ascending");
      }
    }
    table.tBodies[0].replaceChildren(...ordered(rows).map((row) => tableRow(row, isLevel)));
    const sought = choice.soeg;
    const found = { found: rows.length, total: n };
    one("#search-found").textContent = !sought ? "" : rows.length ? fill(words.found, found) : words.none;
  }

  // --- the map -------------------------------------------------------------------------------
  const step = (value) => data.edges.filter((edge) => value > edge).length;

  // As reports/charts/tiles.py draws it: fill, pattern, a bar to the side of the difference, number.
  function tile(row, isLit) {
    const value = row.shrunk ?? row.ratio;
    const isHidden = value === null;
    const at = isHidden ? 3 : step(value);
    const [fill, ink, pattern] = isHidden ? ["#ffffff", "#54606d", ""] : data.fills[at];
    // Of the whole period who stands out, of a part where the interval lies.
    const beyond = row.h !== null && row.h < 1 ? "fewer" : row.l !== null && row.l > 1 ? "more" : "";
    const way = isWhole() ? row.out || "" : beyond;
    const shown = (isHidden ? data.hidden : format(value, 2)) + ({ fewer: "▾", more: "▴" }[way] || "");
    const [x, y] = [50 * row.column, 46 * row.line];
    const box = `M${x} ${y}h48v44h-48z`;
    const reach = 8 * (at - 3);
    const link = drawn("a", { href: row.page, class: isHidden ? "none" : "shown", "aria-label": [`${row.short} ${shown}`,
      ...(row.short === row.name ? [] : [row.name]), ...(way ? [words[way]] : [])].join(", ") });
    link.append(drawn("path", { d: box, fill, stroke: "#8c98a5", "stroke-width": 0.5 }));
    if (pattern) link.append(drawn("path", { d: box, fill: pattern }));
    if (reach) {
      link.append(drawn("path", { d: `M${x + 24 + Math.min(reach, 0)} ${y + 39}h${Math.abs(reach)}v4h-${Math.abs(reach)}z`, fill: ink }));
    }
    const rim = pattern ? { stroke: fill, "stroke-width": 2.6, "paint-order": "stroke" } : {};
    const text = { x: x + 24, "text-anchor": "middle", fill: ink, ...rim };
    const size = row.short.length < 9 ? { "font-size": 8.6 } : { "font-size": 7.2, class: "long" };
    link.append(drawn("text", { ...text, y: y + 15, ...size }, row.short),
      drawn("text", { ...text, y: y + 31, "font-size": 12, "font-weight": "bold" }, shown));
    const made = drawn("g", isLit ? {} : { class: "dim", opacity: 0.28 });
    made.append(drawn("title", {}, `${row.name} ${shown}`), link);
    return made;
  }

  function showMap(rows, isFound) {
    const halves = { west: [], east: [] };
    for (const row of rows.filter((one) => one.column !== null)) {
      halves[row.column >= data.east ? "east" : "west"].push(tile(row, isFound(row)));
    }
    for (const [side, tiles] of Object.entries(halves)) one(`#explore-map-${side}`).replaceChildren(...tiles);
    one("#explore-map").setAttribute("aria-label", `${data.mark} ${named()}`.trim());
    one("#map-choice").textContent = named();
    one("#map-note").textContent = isWhole() ? words.map_whole
      : hasLevel(rows) ? words.map_level : words.map_cut;
  }

  // --- the funnel ----------------------------------------------------------------------------
  const box = { left: 52, right: 64, top: 34, bottom: 46, width: 880, height: 420 };

  function limit(of, expected) {
    const grid = data.funnel.expected;
    const at = grid.findIndex((value) => value >= expected);
    if (at === -1) return of[of.length - 1];
    if (at === 0) return of[0];
    const share = Math.log(expected / grid[at - 1]) / Math.log(grid[at] / grid[at - 1]);
    return of[at - 1] + share * (of[at] - of[at - 1]);
  }

  function showFunnel(rows, isFound) {
    const svg = one("#explore-funnel");
    const points = rows.filter((row) => row.ratio !== null);
    one("#funnel-none").hidden = points.length > 0;
    svg.toggleAttribute("hidden", points.length === 0);
    one("#funnel-choice").textContent = named();
    svg.setAttribute("aria-label", `${data.mark} ${fill(words.funnel_label, { choice: named() })}`.trim());
    if (points.length === 0) return;
    const low = Math.max(Math.min(...points.map((row) => row.e)) * 0.8, data.funnel.expected[0]);
    const high = Math.max(...points.map((row) => row.e)) * 1.2;
    const top = Math.min(Math.max(2, 1.08 * Math.max(...points.map((row) => row.ratio))), 6);
    const x = (value) => box.left + (box.width - box.left - box.right)
      * (Math.log(Math.max(value, low) / low) / Math.log(high / low));
    const y = (value) => box.height - box.bottom
      - (box.height - box.top - box.bottom) * (Math.min(value, top) / top);
    const parts = [];
    const text = (at, down, said, extra = {}) => parts.push(drawn("text", { x: at, y: down, ...extra }, said));
    const line = (d, extra) => parts.push(drawn("path", { d, fill: "none", stroke: "#1c2733", ...extra }));
    for (let value = 0; value <= top; value += top > 3 ? 1 : 0.5) {
      line(`M${box.left} ${y(value)}H${box.width - box.right}`, { stroke: "#e3e8ec" });
      text(box.left - 8, y(value) + 4, format(value, 1), { "text-anchor": "end" });
    }
    for (const tick of [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]) {
      if (tick < low || tick > high) continue;
      line(`M${x(tick)} ${y(0)}v5`, {});
      text(x(tick), y(0) + 20, format(tick, tick < 1 ? 1 : 0), { "text-anchor": "middle" });
    }
    line(`M${box.left} ${y(1)}H${box.width - box.right}`, { "stroke-width": 1.2 });
    for (const [level, dashes] of [["95", "7 4"], ["998", "2 3"]]) {
      for (const end of ["low", "high"]) {
        const of = data.funnel[end + level];
        let d = "";
        for (let i = 0; i <= 60; i += 1) {
          const expected = low * (high / low) ** (i / 60);
          const value = limit(of, expected);
          if (value <= top) d += `${d ? "L" : "M"}${x(expected).toFixed(1)} ${y(value).toFixed(1)}`;
        }
        line(d, { "stroke-dasharray": dashes, "stroke-width": 1.1 });
        if (end === "high") {
          text(box.width - box.right + 6, y(limit(of, high)) + (level === "95" ? 6 : -2), data.funnel[`name${level}`]);
        }
      }
    }
    const sought = Boolean(choice.soeg);
    const spots = [];
    for (const row of points) {
      const isHigh = row.ratio > limit(data.funnel.high95, row.e);
      const isLow = row.ratio < limit(data.funnel.low95, row.e);
      const [a, b] = [x(row.e), y(row.ratio)];
      const shape = isHigh ? `M${a} ${b - 6}l6 10h-12z` : isLow ? `M${a} ${b + 6}l6 -10h-12z`
        : `M${a - 4} ${b}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z`;
      const colour = isHigh ? "#b35806" : isLow ? "#542788" : "#5b6673";
      const point = drawn("path", { d: shape, fill: colour, stroke: "#fff", "stroke-width": 0.6 });
      if (!isFound(row)) point.setAttribute("opacity", 0.15);
      point.append(drawn("title", {}, fill(words.point, {
        name: row.name, observed: format(row.o, 0), expected: format(row.e), ratio: format(row.ratio, 2) })));
      parts.push(point);
      const isOut = row.ratio > limit(data.funnel.high998, row.e) || row.ratio < limit(data.funnel.low998, row.e);
      const isNamed = sought ? isFound(row) : isOut;
      if (isNamed && spots.length < 14 && !spots.some(([c, d]) => Math.abs(c - a) < 110 && Math.abs(d - b) < 15)) {
        spots.push([a, b]);
        const isLate = a > box.width - 160;
        text(isLate ? a - 9 : a + 9, b + 4, row.name, isLate ? { "text-anchor": "end" } : {});
      }
    }
    text(box.left, 16, words.funnel_y);
    text(box.width - box.right, box.height - 6, words.funnel_x, { "text-anchor": "end" });
    if (data.mark) text(box.width, 16, data.mark, { "text-anchor": "end", "font-weight": "bold" });
    svg.replaceChildren(...parts);
  }

  // --- all together --------------------------------------------------------------------------
  function named() {
    const label = (key) => control(key).selectedOptions[0].textContent;
    const parts = [label("udfald"), label("model"), choice.aar || data.window];
    for (const key of ["diagnose", "anciennitet", "alder"]) if (choice[key]) parts.push(label(key));
    return parts.join(" · ");
  }

  // The number of the country is the published one, never a sum over the places that are shown.
  function summary(rows, hidden) {
    const said = (text, whole) => fill(text, { choice: named(), observed: format(whole.o, 0),
      expected: format(whole.e) });
    if (isWhole()) {
      // The country's own number is that of its years, with less noise than its places' sum.
      const sum = (values) => values.reduce((total, value) => total + value, 0);
      const of = Object.values(data.years[`${choice.udfald}-${choice.model}`] || {})
        .map((packed) => at(unpack(packed), country).o);
      const e = sum(rows.map((row) => row.e));
      return of.length && !of.includes(null) ? said(words.summary_whole, { o: sum(of), e })
        : said(words.summary_country, { o: sum(rows.map((row) => row.o)), e });
    }
    const whole = partOf()(country);
    const first = whole.o === null ? fill(words.summary_none, { choice: named() })
      : said(words.summary_country, whole);
    return hidden ? `${first} ${fill(words.summary_hidden, { hidden })}` : first;
  }

  function isSought(row) {
    const sought = partsOf(choice.soeg || "");
    return !sought.length || sought.some((part) => matches(`${row.name} ${row.region}`, part));
  }

  function show() {
    const rows = rowsOf();
    const found = rows.filter(isSought);
    const known = rows.filter((row) => row.o !== null);
    one("#summary").textContent = summary(rows, n - known.length);
    one("#no-interval").hidden = isWhole() || !known.length || known.some((row) => row.l !== null);
    one("#no-rank").hidden = isWhole();
    const sort = choice.sort.replace("-", "");
    if ((!isWhole() && sort === "rank") || (sort === "shrunk" && !hasLevel(rows))) choice.sort = "place";
    showTable(found);
    showMap(rows, isSought);
    showFunnel(rows, isSought);
  }

  function csv() {
    const number = (value, decimals) => (value === null ? data.hidden
      : value.toLocaleString(locale, { maximumFractionDigits: decimals, useGrouping: false }));
    // A leading sign that a spreadsheet reads as a formula is made text.
    const text = (value) => `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;
    const lines = ordered(rowsOf().filter(isSought)).map((row) => [
      text(row.code), text(row.name), text(row.region), number(row.o, 0), number(row.e, 1),
      number(row.ratio, 3), number(row.l, 3), number(row.h, 3), row.shrunk === null ? "" : number(row.shrunk, 3),
      ...(isWhole() ? [row.rank, row.rl, row.rh].map((value) => value ?? "") : ["", "", ""]),
      text(named()), text(data.mark),
    ].join(";"));
    return `\ufeff${[data.csv_header, ...lines].join("\r\n")}\r\n`;
  }

  for (const form of all("form")) form.addEventListener("submit", (event) => event.preventDefault());
  for (const key of Object.keys(controls)) {
    const select = control(key);
    if (!select) continue;
    select.addEventListener("change", () => {
      const cuts = { aar: ["alder", "diagnose", "anciennitet"], alder: ["aar", "diagnose", "anciennitet"],
        diagnose: ["aar", "alder"], anciennitet: ["aar", "alder"] };
      const wish = { ...choice, [key]: select.value };
      let isReset = false;
      for (const other of (select.value && cuts[key]) || []) {
        if (wish[other]) isReset = true;
        delete wish[other];
      }
      choice = tidy(wish);
      for (const each of Object.keys(controls)) if (control(each)) control(each).value = choice[each] || "";
      one("#reset-note").textContent = isReset ? words.one_cut : "";
      remember(true);
      show();
    });
  }
  one("#search").addEventListener("input", () => {
    choice.soeg = one("#search").value.trim();
    remember(false);
    show();
  });
  one("#start-over").addEventListener("click", () => {
    choice = { ...first };
    for (const key of Object.keys(controls)) if (control(key)) control(key).value = choice[key] || "";
    one("#search").value = "";
    one("#reset-note").textContent = "";
    remember(true);
    show();
  });
  for (const button of all("#explore-table thead button")) {
    button.addEventListener("click", () => {
      choice.sort = choice.sort === button.dataset.key ? `-${button.dataset.key}` : button.dataset.key;
      remember(false);
      show();
    });
  }
  // The address holds the choice: a jump moves the page and leaves it.
  for (const link of all("a[data-jump]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById(link.dataset.jump).focus();
    });
  }
  one("#download").addEventListener("click", (event) => {
    event.currentTarget.href = `data:text/csv;charset=utf-8,${encodeURIComponent(csv())}`;
  });
  addEventListener("popstate", readAddress);
  readAddress();
})();
