// ImportPlace: where in a file something is, and the errors that name it.

import { ElanusError } from '../model/errors.js';

export class ImportPlace {
  readonly file: string;
  /** E.g. `line 12 (byte 3400)`. */
  readonly where: string;

  constructor(file: string, where: string) {
    this.file = file;
    this.where = where;
  }

  /** The file is not what its format says. */
  corrupt(message: string, cause?: unknown): ElanusError {
    return new ElanusError('Corrupt', `${this.file}: ${this.where}: ${message}`, { file: this.file, ...(cause === undefined ? {} : { cause }) });
  }

  /** The row does not fit the collection. */
  refused(error: ElanusError): ElanusError {
    return new ElanusError(error.code, `${this.file}: ${this.where}: ${error.message}`, { milvusCode: error.milvusCode, file: this.file, cause: error });
  }
}
