// The keyboard reaches the tables that scroll sideways.
document$.subscribe(() => document.querySelectorAll(".md-typeset__scrollwrap").forEach((table) => (table.tabIndex = 0)));
