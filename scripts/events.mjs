// The old name of `npm run transfer`, which stays for one release.
import './transfer.mjs';
