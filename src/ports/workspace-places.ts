/** Finds out where paths lead. */
export interface WorkspacePlaces {
  /**
   * Where each path (absolute, or from `directory`) leads after all links were followed, as far as it exists: relative
   * to the real directory, with `/` between parts, `.` for itself; undefined for a place outside of it. Rejects with
   * PortError `not-found` if there is no such directory.
   */
  locate(directory: string, paths: readonly string[]): Promise<readonly (string | undefined)[]>;
}
