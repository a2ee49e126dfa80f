// The address that images and scripts of operators know: `node dist/transfer.js`.
import './cli/transfer.js';
