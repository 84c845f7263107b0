"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent) || {};
  const one = (id) => document.getElementById(id);
  const say = (panel, text) => {
    const place = document.querySelector('[data-panel="' + panel + '"]');
    if (place) place.textContent = text;
  };

  // The timeline: a point in time, by mouse or by the slider under the axis, read out in every panel.
  const curves = data.timeline, stack = one("stack"), scrub = one("scrub");
  if (curves && stack && scrub) {
    const last = curves.alive.length - 1;
    const ms = (value) => value === null ? "–" : value >= 1000 ? (value / 1000).toFixed(2) + " s" : value.toFixed(1) + " ms";
    const show = (slice) => {
      const at = curves.start + slice * curves.width;
      const percent = ((slice + 0.5) / (last + 1)) * 100 + "%";
      for (const line of stack.querySelectorAll(".cursor")) {
        line.setAttribute("x1", percent);
        line.setAttribute("x2", percent);
        line.style.visibility = "visible";
      }
      const answers = curves.answers.map((row) => row[slice]);
      const total = answers.reduce((sum, number) => sum + number, 0);
      const texts = {
        requests: curves.answered[slice] + " answered, " + curves.failed[slice] + " failed per second",
        latency: "p50 " + ms(curves.p50[slice]) + ", p99 " + ms(curves.p99[slice]) + ", max " + ms(curves.max[slice]),
        sessions: curves.alive[slice] + " alive, " + curves.gone[slice] + " gone",
        shares: total ? curves.replicas.map((name, r) => name + " " + Math.round((100 * answers[r]) / total) + " %").join(", ") : "nobody answered",
      };
      const time = at.toFixed(curves.width < 1 ? 1 : 0) + " s";
      for (const panel in texts) say(panel, time + ": " + texts[panel]);
      scrub.value = slice;
      scrub.setAttribute("aria-valuetext", time + ". " + texts.requests + ". " + texts.latency + ". " + texts.sessions + ". " + texts.shares);
    };
    scrub.max = last;
    scrub.closest("label").hidden = false;
    scrub.addEventListener("input", () => show(Number(scrub.value)));
    scrub.addEventListener("focus", () => show(Number(scrub.value)));
    stack.addEventListener("pointermove", (event) => {
      const plot = event.target.closest("svg.plot");
      if (!plot) return;
      const box = plot.getBoundingClientRect();
      show(Math.min(last, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * (last + 1)))));
    });
  }

  // The lanes: hovering names the session, a click opens its story.
  const lanes = data.lanes, figure = one("lanes"), hit = one("hit");
  if (lanes && figure && hit) {
    const plot = figure.querySelector("svg.plot");
    const row = (event) => Math.floor((event.clientY - plot.getBoundingClientRect().top - 4) / lanes.row);
    plot.addEventListener("pointermove", (event) => {
      const told = lanes.rows[row(event)];
      if (!told) return;
      hit.setAttribute("y", 4 + row(event) * lanes.row);
      hit.style.opacity = 0.18;
      say("lanes", told[0]);
    });
    plot.addEventListener("pointerleave", () => { hit.style.opacity = 0; });
    plot.addEventListener("click", (event) => {
      const told = lanes.rows[row(event)];
      if (told && told[1]) location.hash = told[1];
      else if (told) say("lanes", told[0] + " (its story is not on this page)");
    });
  }

  // A session's story as a drawing: who answered each operation, in order; made when the story is opened.
  const svg = (name, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text) made.textContent = text;
    return made;
  };
  const draw = (details) => {
    const story = (data.stories || {})[details.id], place = details.querySelector(".drawing");
    if (!story || !place || place.firstChild) return;
    const rows = story.lanes.length, n = story.beats.length, height = 30 * rows;
    const x = (beat) => (100 * (beat + 0.5)) / n + "%", y = (lane) => 30 * lane + 15;
    const names = document.createElement("div"), picture = svg("svg", { height: height + 32 });
    names.className = "names";
    story.lanes.forEach((lane, row) => {
      const name = document.createElement("span");
      name.textContent = lane;
      names.append(name);
      picture.append(svg("line", { class: "rail", x2: "100%", y1: y(row), y2: y(row) }));
    });
    for (const [label, lane, start, end] of story.bands) {
      const left = (100 * start) / n;
      picture.append(svg("rect", { class: "band", x: left + "%", width: Math.max(0.6, (100 * (end - start)) / n) + "%", y: y(lane) - 11, height: 22, rx: 3 }));
      picture.append(svg("text", { class: "band-label", x: left + "%", dx: 6, y: y(lane) + 4 }, label));
    }
    const field = svg("svg", { viewBox: "0 0 1000 " + height, preserveAspectRatio: "none", width: "100%", height: height });
    field.append(svg("path", { class: "thread", d: story.beats.map((beat, b) => (b ? "L" : "M") + (1000 * (b + 0.5)) / n + " " + y(beat[1])).join("") }));
    picture.append(field);
    story.beats.forEach(([mark, lane, proves, what, time], b) => {
      picture.append(svg("use", { href: "#m-" + mark, x: x(b), y: y(lane) }));
      if (proves) picture.append(svg("use", { href: "#m-proof", x: x(b), y: y(lane) }));
      const look = b % 2 ? { class: "wide-only" } : {};
      picture.append(svg("text", { ...look, x: x(b), y: height + 12 }, what), svg("text", { ...look, x: x(b), y: height + 26 }, time));
    });
    place.append(names, picture);
  };
  for (const details of document.querySelectorAll("#entries details")) {
    if (details.open) draw(details);
    details.addEventListener("toggle", () => { if (details.open) draw(details); });
  }

  // Whoever follows a link to a session finds it open.
  const open = () => {
    const target = one(location.hash.slice(1));
    if (!target || target.tagName !== "DETAILS") return;
    target.hidden = false;
    target.open = true;
    target.querySelector("summary").focus({ preventScroll: true });
    target.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", open);
  open();

  // Sifting the list of sessions.
  const sift = one("sift");
  if (sift) {
    const entries = Array.from(one("entries").children);
    const texts = entries.map((entry) => entry.querySelector("summary").textContent.toLowerCase());
    const kinds = new Set(entries.flatMap((entry) => entry.dataset.kinds.split(" ")));
    for (const kind of kinds) one("kind").add(new Option(kind, kind));
    const apply = () => {
      const needle = one("needle").value.trim().toLowerCase(), kind = one("kind").value;
      let shown = 0;
      entries.forEach((entry, place) => {
        const fits = texts[place].includes(needle) && (!kind || entry.dataset.kinds.split(" ").includes(kind));
        entry.hidden = !fits;
        shown += fits;
      });
      one("sifted").textContent = shown === entries.length ? "" : shown + " of " + entries.length + " shown";
    };
    sift.hidden = false;
    sift.addEventListener("input", apply);
    sift.addEventListener("submit", (event) => event.preventDefault());
  }
})();
