"""What every operation does alike, over HTTP."""
