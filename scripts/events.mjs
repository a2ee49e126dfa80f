// The name of `npm run transfer` before; it stays for one release.
import './transfer.mjs';
