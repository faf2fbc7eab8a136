/** What a model can be shown as a picture. */
export type PictureType = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';

/**
 * A file that a person has sent, as a model is shown it beside the text. Never stored: it is read anew for each run.
 * The text says where the file is, so that a model that can't be shown it knows of it.
 */
export type Media =
  | { readonly kind: 'picture'; readonly name: string; readonly type: PictureType; readonly base64: string }
  | { readonly kind: 'pdf'; readonly name: string; readonly base64: string }
  | { readonly kind: 'text'; readonly name: string; readonly text: string };
