/** Something in PEM: a file inside the container, or the text itself. */
export type PemSource = { readonly file: string } | { readonly pem: string };
