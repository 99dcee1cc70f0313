"""The toy model of superposition in a page: trained in the browser, by a worker, while its reader watches."""
