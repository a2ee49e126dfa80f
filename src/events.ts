// The address that images and scripts of operators know: `node dist/events.js`.
import './cli/events.js';
