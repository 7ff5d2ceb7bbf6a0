"""The demo: three cities of 2018, their people and the packages that reach them."""
