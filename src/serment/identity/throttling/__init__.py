"""What tries cost before anything is looked at: buckets, the pressure of failures, work, and what is good once."""
