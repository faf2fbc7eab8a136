/** See the implementation. `parser`: a `MarkdownIt` of the package markdown-it. */
export declare const asWritten: (parser: object) => void;
