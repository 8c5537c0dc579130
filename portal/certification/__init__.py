"""From a completed course to a certificate that anybody can check."""
