"""Two schemas compared by the values that they admit, however they are written."""
