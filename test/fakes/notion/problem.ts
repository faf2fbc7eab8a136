/** An answer of the API that refuses. */
export class NotionProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export const invalid = (message: string): NotionProblem => new NotionProblem(400, 'validation_error', message);

/** In the words of the real one. */
export const failedValidation = (place: string, wanted: string, was: unknown): NotionProblem =>
  invalid(`body failed validation: ${place} should be ${wanted}, instead was \`${JSON.stringify(was)}\`.`);

export const notFound = (what: string, id: string): NotionProblem =>
  new NotionProblem(
    404,
    'object_not_found',
    `Could not find ${what} with ID: ${id}. Make sure the relevant pages and databases are shared with your integration "Kept".`,
  );
