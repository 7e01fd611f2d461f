bool                     boolean
bool, keyed              boolean
int16                    integer
int16, keyed             integer
int32                    integer
int32, keyed             integer
int64                    integer
int64, keyed             integer
float32                  real
float32, keyed           real
float64                  real
float64, keyed           real
decimal                  numeric
decimal, keyed           numeric
decimal, 12, 2           numeric(12,2)
decimal, 5, 0            numeric(5,0)
text                     text
text, keyed              text
text, size 40            varchar(40)
text, size 40, keyed     varchar(40)
bytes                    blob
bytes, keyed             blob
bytes, size 40           blob
bytes, size 40, keyed    blob
time                     text
time, keyed              text
uuid                     blob
uuid, keyed              blob
json                     text
json, keyed              text
other                    inet
