// The address of `dist/transfer.js` before; it stays for one release.
import './cli/transfer.js';
