// Lender: who counts memory that is kept for the next who needs as much, and has it given back where others need it.

export interface Lender {
  /** Lets `holder` keep so many bytes, until `endLoan`, or until `giveBack` is called. False if there is no room for them. */
  lend(holder: object, bytes: number, giveBack: () => void): boolean;
  endLoan(holder: object): void;
}
