// Upload: bounds of the files that are sent to a server in place of batches. Format: docs/format.md, "Replication".

/** Of a file. */
export const UPLOAD_BYTES_MAX = 128 * 1024 * 1024;
/** Of what is sent of it at once. */
export const UPLOAD_PART_BYTES_MAX = 8 * 1024 * 1024;
/** Files of a collection that have begun to come and are not taken yet. */
export const UPLOADS_MAX = 16;
