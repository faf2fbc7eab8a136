/** A server whose tools agents may call. */
export type McpServer =
  | {
      readonly kind: 'stdio';
      readonly name: string;
      readonly command: string;
      readonly args: readonly string[];
      /** Added to the few variables that every server gets. */
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'http'; readonly name: string; readonly url: string; readonly headers: Readonly<Record<string, string>> };
