/** Icons of the portal: the content of an SVG of 24 by 24 units, drawn by lines. */
const ICONS: Readonly<Record<string, string>> = {
  home: '<path d="M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z"/>',
  overview: '<path d="M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z"/>',
  people:
    '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.6c2.1.9 3.5 2.8 3.5 5.4"/>',
  group:
    '<circle cx="12" cy="7.5" r="3"/><path d="M6.5 19c0-3.2 2.4-5.2 5.5-5.2s5.5 2 5.5 5.2M4.8 8.2a2.3 2.3 0 0 0 0 4.2M2 17.5c0-1.3.5-2.4 1.4-3.1M19.2 8.2a2.3 2.3 0 0 1 0 4.2M22 17.5c0-1.3-.5-2.4-1.4-3.1"/>',
  file: '<path d="M6 3.5h8l4.5 4.5V20a.5.5 0 0 1-.5.5H6a.5.5 0 0 1-.5-.5V4a.5.5 0 0 1 .5-.5zM13.5 3.5V8.5h5"/>',
  person: '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c0-4 3.4-6.5 7.5-6.5s7.5 2.5 7.5 6.5"/>',
  invite: '<circle cx="9.5" cy="8" r="3.5"/><path d="M3 20c0-3.6 2.9-6 6.5-6 1.6 0 3 .5 4.1 1.3M18 14v6M15 17h6"/>',
  roles:
    '<path d="M12 3l7.5 3v5.5c0 4.6-3.1 8-7.5 9.5-4.4-1.5-7.5-4.9-7.5-9.5V6z"/><path d="M8.8 12l2.3 2.3 4.2-4.6"/>',
  building:
    '<path d="M5 21V5a1 1 0 0 1 1-1h8a1 1 0 0 1 1 1v16M15 10h3a1 1 0 0 1 1 1v10M3 21h18M8.5 8h3M8.5 12h3M8.5 16h3"/>',
  programme: '<path d="M3 12h4l2.5-6 5 12 2.5-6h4"/>',
  patients: '<path d="M12 20s-7.5-4.6-7.5-10A4.2 4.2 0 0 1 12 7.4 4.2 4.2 0 0 1 19.5 10c0 5.4-7.5 10-7.5 10z"/>',
  link: '<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2"/>',
  copy: '<rect x="9" y="9" width="11" height="11" rx="1.5"/><path d="M5 15H4V5a1 1 0 0 1 1-1h10v1"/>',
  platform: '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c5 5 5 12 0 17M12 3.5c-5 5-5 12 0 17"/>',
  operations:
    '<rect x="3.5" y="4.5" width="17" height="6" rx="1.5"/><rect x="3.5" y="13.5" width="17" height="6" rx="1.5"/><path d="M7 7.5h.01M7 16.5h.01M11 7.5h6M11 16.5h6"/>',
  mail: '<rect x="3.5" y="5" width="17" height="14" rx="1.5"/><path d="M4 7l8 6 8-6"/>',
  code: '<path d="M8.5 7L3.5 12l5 5M15.5 7l5 5-5 5"/>',
  settings: '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
  history: '<path d="M4.5 8A8.5 8.5 0 1 1 3.5 12M4 3.5V8h4.5M12 7.5V12l3 2"/>',
  undo: '<path d="M9 7L4.5 11.5 9 16M5 11.5h9a5 5 0 0 1 0 10h-2"/>',
  archive: '<path d="M4 5h16v4H4zM5.5 9v10h13V9M9.5 13h5"/>',
  exit: '<path d="M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10.5 12H21M17.5 8.5L21 12l-3.5 3.5"/>',
  bars: '<path d="M4 7h16M4 12h16M4 17h16"/>',
  close: '<path d="M6 6l12 12M18 6L6 18"/>',
  more: '<path d="M5 12h.01M12 12h.01M19 12h.01" stroke-width="3"/>',
  search: '<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5 5"/>',
  choose: '<path d="M8 10l4-4 4 4M8 14l4 4 4-4"/>',
  down: '<path d="M6.5 9.5L12 15l5.5-5.5"/>',
  tick: '<path d="M5.5 12.5l4 4 9-9.5"/>',
  add: '<path d="M12 5v14M5 12h14"/>',
  bin: '<path d="M4 7h16M9.5 7V4.5h5V7M6 7l1 13h10l1-13M10 11v5M14 11v5"/>',
  edit: '<path d="M4 20h4.5L20 8.5 15.5 4 4 15.5zM13 6.5l4.5 4.5"/>',
  again: '<path d="M20 12a8 8 0 1 1-2.4-5.7M20 3v4.5h-4.5"/>',
  download: '<path d="M12 4v11M7.5 10.5L12 15l4.5-4.5M5 19.5h14"/>',
  good: '<circle cx="12" cy="12" r="8.5"/><path d="M8.5 12.2l2.5 2.5 4.8-5.2"/>',
  warn: '<path d="M12 4l9 16H3zM12 10v4.5M12 17.3v.01"/>',
  wrong: '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5v5.5M12 16.2v.01"/>',
  info: '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.8v.01"/>',
};

/** The SVG of an icon, which readers of a screen skip. @param classes more classes @throws TypeError for an unknown icon */
export function iconSvg(name: string, classes = ''): string {
  const content = ICONS[name];
  if (content === undefined) throw new TypeError(`there is no icon ${name}`);
  return `<svg class="icon${classes === '' ? '' : ` ${classes}`}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${content}</svg>`;
}
