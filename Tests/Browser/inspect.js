// What a person would notice on a page and axe does not look for; answers a list of sentences.
(() => {
  const visible = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !one.closest(".visually-hidden, .skip")
    && !(one.closest("thead")?.getBoundingClientRect().width <= 1);
  const name = (one) => `<${one.localName}${one.id ? "#" + one.id : ""}${one.className && one.className.baseVal === undefined ? "." + one.className.replaceAll(" ", ".") : ""}> ${(one.textContent || one.value || "").trim().slice(0, 40)}`;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(visible);
  const texts = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (!node.data.trim() || !visible(node.parentElement) || node.parentElement.closest("option, textarea, svg, script")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) if (box.width > 1 && box.height > 1) found.push({ box, node, one: node.parentElement });
    }
    return found;
  };
  const cuts = (value) => value === "hidden" || value === "clip";
  const cutOff = (one, style = getComputedStyle(one)) =>
    cuts(style.overflowX) && one.scrollWidth > one.clientWidth + 1 || cuts(style.overflowY) && one.scrollHeight > one.clientHeight + 1;
  // The head of a fold may be cut off where opening it shows the whole.
  const showsWhole = (one) => {
    const fold = one.closest("summary")?.parentElement;
    if (!fold || fold.open) return false;
    fold.open = true;
    const whole = !cutOff(one);
    fold.open = false;
    return whole;
  };
  return {
    // Rows of one list are alike: axe gets the first of each, or it takes a second a page.
    shorten() {
      for (const list of document.querySelectorAll("tbody, ul, ol, select")) {
        for (const one of [...list.children].slice(12)) one.remove();
      }
    },
    // Nothing is wider than the window, or than a part of it that would scroll.
    wide() {
      const width = document.documentElement.clientWidth;
      const found = all(".table-wrap").filter((one) => one.scrollWidth > one.clientWidth + 1)
        .map((one) => `${name(one.firstElementChild)} is ${one.scrollWidth} wide in ${one.clientWidth}`);
      if (document.documentElement.scrollWidth > width) {
        const over = all("body *").filter((one) => one.getBoundingClientRect().right > width + 1);
        found.push(`scrolls sideways to ${document.documentElement.scrollWidth}: ${over.slice(-3).map(name)}`);
      }
      return found;
    },
    // No word is broken for want of room, unless it is part of an address or longer than a column.
    words() {
      const found = [], range = document.createRange();
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const node = walker.currentNode;
        if (!node.data.trim() || !visible(node.parentElement) || node.parentElement.closest("option, textarea, svg, script")) continue;
        range.selectNodeContents(node);
        if (range.getClientRects().length < 2) continue;
        for (const { 0: text, index } of node.data.matchAll(/\S+/g)) {
          if (/[@/]/.test(text)) continue;
          for (const word of text.matchAll(/[\p{L}\p{N}]{2,20}(?![\p{L}\p{N}])/gu)) {
            range.setStart(node, index + word.index);
            range.setEnd(node, index + word.index + word[0].length);
            const lines = new Set([...range.getClientRects()].filter((box) => box.width > 1).map((box) => Math.round(box.top)));
            if (lines.size > 1) found.push(`${word[0]} is broken in ${name(node.parentElement)}`);
          }
        }
      }
      return found;
    },
    // On paper: whose it is and when it was printed, and nothing to press.
    paper() {
      const found = all("input, select, textarea, button, .button, summary, nav").filter((one) => !one.matches(".fold > summary, .filters"))
        .map((one) => `${name(one)} is printed`);
      const label = document.querySelector(".paper-only");
      if (label && !visible(label)) found.push("paper without institution and date");
      return found;
    },
    // Text stays inside its box and off other text.
    collisions() {
      const found = [];
      for (const one of all("button, .button, .tag, summary, .tabs a, .side a, h1, h2, th, td, label")) {
        if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth) found.push(`text leaves ${name(one)}`);
      }
      for (const one of all("body *")) {
        if (one.localName !== "svg" && one.localName !== "input" && cutOff(one) && !showsWhole(one)) found.push(`${name(one)} is cut off`);
      }
      const boxes = texts();
      for (const one of all("input, select, textarea, svg, .avatar, .mark")) boxes.push({ box: one.getBoundingClientRect(), node: one, one });
      boxes.sort((a, b) => a.box.top - b.box.top);
      for (let i = 0; i < boxes.length; i++) {
        for (let k = i + 1; k < boxes.length && boxes[k].box.top < boxes[i].box.bottom - 3; k++) {
          const [a, b] = [boxes[i], boxes[k]];
          if (a.one === b.one || a.node === a.one && a.one.contains(b.one) || b.node === b.one && b.one.contains(a.one)) continue;
          const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          if (across > 3 && down > 3) found.push(`${name(a.one)} and ${name(b.one)} lie on each other`);
        }
      }
      return found;
    },
    // Whatever is pressed is large enough: 24 pixels, and 40 high where it is more than a word in a text.
    targets() {
      const found = [];
      for (const one of all("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
        const { width, height } = one.getBoundingClientRect();
        const small = one.matches("[type=checkbox], [type=radio]");
        const inText = one.localName === "a" && getComputedStyle(one).display === "inline";
        const least = inText ? 0 : small || one.matches(".tag, td a, .chart *") ? 24 : 39.5;
        if (height < least || width < Math.min(least, 24)) found.push(`${name(one)} is ${Math.round(width)} × ${Math.round(height)}`);
      }
      return found;
    },
    // Whatever can be reached shows that it is.
    focus() {
      const found = [];
      const all = document.querySelectorAll("a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), select, textarea:not([disabled]), summary");
      for (const one of all) {
        if (!visible(one) && !one.matches(".skip")) continue;
        one.focus();
        if (document.activeElement !== one) { found.push(`${name(one)} cannot be focused`); continue; }
        const style = getComputedStyle(one);
        if (!one.matches(":focus-visible") || style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) found.push(`${name(one)} does not show its focus`);
        const box = one.getBoundingClientRect();
        if (box.left < 0 || box.right > innerWidth + 1) found.push(`${name(one)} has its focus off the page`);
      }
      document.activeElement.blur();
      return found;
    },
    // The parts of a page, and one accent: at most one primary action.
    parts() {
      const found = [];
      const count = (selector, least, most) => {
        const number = all(selector).length;
        if (number < least || number > most) found.push(`${number} of ${selector}`);
      };
      count("h1", 1, 1);
      count("main", 1, 1);
      count("body > header, .shell > header", 1, 1);
      count(".primary", 0, 1);
      if (!document.querySelector("a.skip[href='#main']")) found.push("no way past the navigation");
      for (const one of all("nav")) if (!one.ariaLabel) found.push("a nav without a name");
      return found;
    },
  };
})()
