"""Whether single neurons of large networks stand for classes: figures S3 and S4 (App. B.2 of the spotlight's paper)."""
