// Search results quote the pages only where a server runs: a page opened from the disk may not
// read its neighbours.
if (window.location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS === "object") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}
