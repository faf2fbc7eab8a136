/** See the implementation. `parser`: a `MarkdownIt` of the package markdown-it. */
export declare const blocksAsWritten: (parser: object) => void;
