// The host in a page of the book.

for (const element of document.querySelectorAll(".isoaux-widths:has(figure)")) new Widths(element);
