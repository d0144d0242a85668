-- When a delivery was first seen coming back from Segment. Set while it is still being sent, too:
-- the echo may be faster than the answer, and the attempt is settled as confirmed then.
ALTER TABLE delivery ADD COLUMN confirmed_at DOUBLE PRECISION;
