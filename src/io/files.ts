// Files: all that reads and writes them, as the one module that is loaded when it is first needed.

export { exportBytes } from './export.js';
export { importCollection, importRows, inferCollection } from './import.js';
