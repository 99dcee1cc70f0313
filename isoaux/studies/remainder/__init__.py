"""What is left after mean and covariance: a page of our own, from network records and published representations."""
