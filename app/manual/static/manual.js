// What all pages of the manual share: copying code. Everything it touches is on the page already.
"use strict";

for (const caption of document.querySelectorAll("figure.code figcaption")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small screen";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(caption.parentElement.querySelector("pre").textContent.trimEnd());
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(caption.parentElement.querySelector("pre"));
      button.textContent = "Press Ctrl+C";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  caption.append(button);
}
